-- What buyers think of goods and service, however it came here (ADR 0101). It hangs on a profile, as all facts of people do.
create table feedback (
  tenant_id         uuid not null,
  id                uuid not null,
  source            text not null check (source in ('platform', 'survey', 'agent', 'message')),
  -- Unique within its source and store: the platform's id, the message, the survey, or its own id.
  external_id       text not null,
  kind              text not null check (kind in ('product-review', 'service-rating', 'survey-answer', 'suggestion')),
  account_id        uuid,
  profile_id        uuid,
  conversation_id   uuid,
  order_id          uuid,
  -- As the platform names them, so that it is found when its buyer or order becomes known later.
  external_order_id text,
  buyer_external_id text,
  score             double precision check (score between 1 and 5),
  -- Null if there are no words; empty after an erasure.
  text              text,
  language          text,
  type              text not null check (type in ('product', 'logistics', 'service', 'price', 'other')),
  urgency           text not null check (urgency in ('low', 'normal', 'high', 'urgent')),
  -- Why, in words; and who said so, null for the rules.
  reason            text not null,
  classified_by     uuid,
  state             text not null check (state in ('new', 'handling', 'handled', 'confirmed')),
  case_id           uuid,
  recorded_by       uuid,
  given_at          timestamptz not null,
  received_at       timestamptz not null,
  -- When the buyer last said whether it is settled.
  confirmed_at      timestamptz,
  version           integer not null,
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, source, account_id, external_id),
  check (account_id is not null or profile_id is not null)
);
create index feedback_by_time on feedback (tenant_id, given_at desc, id desc);
create index feedback_profile on feedback (profile_id, tenant_id, given_at desc) where profile_id is not null;
create index feedback_case on feedback (case_id, tenant_id) where case_id is not null;
create index feedback_order_waits on feedback (external_order_id, account_id, tenant_id) where conversation_id is null;
create index feedback_buyer_waits on feedback (buyer_external_id, account_id, tenant_id) where conversation_id is null;
select protect_tenant_table('feedback');
-- Of a store, or else of a customer: whoever sees that sees it.
select scope_table('feedback', 'case when account_id is not null then ' || in_stores('account_id') || ' else exists (
  select from profile p where p.tenant_id = feedback.tenant_id and p.id = feedback.profile_id) end');

-- The goods that feedback is about.
create table feedback_sku (
  tenant_id   uuid not null,
  feedback_id uuid not null,
  sku         text not null,
  primary key (tenant_id, feedback_id, sku),
  foreign key (tenant_id, feedback_id) references feedback (tenant_id, id)
);
create index feedback_sku_sku on feedback_sku (sku, tenant_id);
select protect_tenant_table('feedback_sku');
select scope_table('feedback_sku', 'exists (
  select from feedback f where f.tenant_id = feedback_sku.tenant_id and f.id = feedback_sku.feedback_id)');
