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
