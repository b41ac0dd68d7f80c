-- What other rules would have done with the events of the past.
create table simulation (
  tenant_id    uuid not null,
  id           uuid not null,
  -- The rules that are tried, in their order, with all they say.
  rules        jsonb not null,
  from_at      timestamptz not null,
  to_at        timestamptz not null,
  state        text not null check (state in ('running', 'done', 'failed')),
  -- How many events have been replayed so far.
  events       integer not null,
  -- Null until it is done.
  result       jsonb,
  tries        integer not null,
  -- When it is worked on, or again if its worker died; null: it is over.
  due_at       timestamptz,
  requested_at timestamptz not null,
  finished_at  timestamptz,
  primary key (tenant_id, id),
  check ((state = 'running') = (due_at is not null)),
  check ((state = 'done') = (result is not null)),
  check ((state = 'running') = (finished_at is null))
);
create index simulation_due on simulation (due_at) where due_at is not null;
select protect_tenant_table('simulation');

-- Rules that look later: one time for each rule and conversation.
create table rule_timer (
  tenant_id        uuid not null,
  rule_id          uuid not null,
  conversation_id  uuid not null,
  -- The rule as it was; a changed one has no use for this time.
  rule_version     integer not null,
  trigger          text not null check (trigger in ('message', 'conversation', 'order')),
  -- The event that began it.
  anchor_event_id  uuid not null,
  order_id         uuid,
  message_id       uuid,
  correlation_id   uuid not null,
  causation_depth  integer not null,
  -- What the message told; the rest is looked up when the time has come.
  facts            jsonb not null,
  due_at           timestamptz not null,
  tries            integer not null,
  primary key (tenant_id, rule_id, conversation_id)
);
create index rule_timer_due on rule_timer (due_at);
create index rule_timer_of_conversation on rule_timer (tenant_id, conversation_id);
create index rule_timer_of_order on rule_timer (tenant_id, order_id) where order_id is not null;
select protect_tenant_table('rule_timer');
