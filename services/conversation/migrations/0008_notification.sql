-- What people are told of, each once for an event and a kind. Ids only.
create table notification (
  tenant_id       uuid not null,
  id              uuid not null,
  agent_id        uuid not null,
  event_id        uuid not null,
  kind            text not null,
  conversation_id uuid,
  job_id          uuid,
  account_id      uuid,
  about_agent_id  uuid,
  created_at      timestamptz not null,
  read_at         timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, agent_id, event_id, kind),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
create index notification_of_agent on notification (tenant_id, agent_id, id desc);
create index notification_unread on notification (tenant_id, agent_id, id desc) where read_at is null;
create index notification_of_account on notification (tenant_id, account_id) where account_id is not null and read_at is null;
create index notification_by_time on notification (created_at);
select protect_tenant_table('notification');

-- What people have chosen to be told, and when.
create table notification_preference (
  tenant_id   uuid not null,
  agent_id    uuid not null,
  -- {"kind": "way"} for the kinds that somebody has chosen a way for.
  ways        jsonb not null,
  -- Minutes since local midnight.
  quiet_from  integer check (quiet_from between 0 and 1439),
  quiet_until integer check (quiet_until between 0 and 1439),
  zone        text not null,
  version     integer not null,
  primary key (tenant_id, agent_id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id),
  check ((quiet_from is null) = (quiet_until is null))
);
select protect_tenant_table('notification_preference');
