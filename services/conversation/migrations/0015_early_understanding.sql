-- What was found out about conversations whose first message is not here yet: the service that finds it out reads the
-- same log, and may be faster.
create table early_understanding (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  event_id        uuid not null,
  -- Ids, scores and places, no words.
  event           jsonb not null,
  traceparent     text,
  added_at        timestamptz not null default now(),
  primary key (tenant_id, conversation_id, event_id)
);
create index early_understanding_age on early_understanding (added_at);
select protect_tenant_table('early_understanding');
