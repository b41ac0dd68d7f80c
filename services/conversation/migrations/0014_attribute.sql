-- Marks that automation derives and people judge.

alter table conversation
  -- What was derived and what people say (marks.domain.ts); null: nothing.
  add column marks        jsonb,
  -- Whether the marks stand.
  add column is_complaint boolean not null default false,
  add column is_risk      boolean not null default false;
create index conversation_complaint on conversation (tenant_id, last_message_at desc, id desc) where is_complaint;
create index conversation_risk on conversation (tenant_id, last_message_at desc, id desc) where is_risk;
