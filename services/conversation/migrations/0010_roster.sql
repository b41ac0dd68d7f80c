-- Who works when: shifts as they were published, each as instants.
create table shift (
  tenant_id   uuid not null,
  id          uuid not null,
  agent_id    uuid not null,
  calendar_id uuid not null,
  starts_at   timestamptz not null,
  ends_at     timestamptz not null,
  -- When its beginning or end has to be told; null: both were.
  next_at     timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id),
  check (starts_at < ends_at)
);
create index shift_of_agent on shift (tenant_id, agent_id, starts_at);
create index shift_by_start on shift (tenant_id, starts_at, id);
create index shift_next on shift (next_at) where next_at is not null;
select protect_tenant_table('shift');
