-- What of reviews and ratings is needed to publish each once, and to erase it. Their words are in the event only (ADR 0101).
create table platform_feedback (
  tenant_id            uuid not null,
  id                   uuid not null,
  account_id           uuid not null,
  external_feedback_id text not null,
  external_order_id    text,
  buyer_external_id    text,
  -- Of what was reported last: the same report again changes nothing. Empty after an erasure.
  digest               bytea not null,
  -- When the buyer said what was reported last: an older report that comes late changes nothing.
  given_at             timestamptz not null,
  version              integer not null,
  -- From then on it stays erased: the platform reports it again and again.
  erased_at            timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, account_id, external_feedback_id)
);
create index platform_feedback_order on platform_feedback (external_order_id, account_id, tenant_id);
create index platform_feedback_buyer on platform_feedback (buyer_external_id, account_id, tenant_id);
select protect_tenant_table('platform_feedback');

alter table raw_subject drop constraint raw_subject_kind_check;
alter table raw_subject add check (kind in ('thread', 'order', 'feedback'));
