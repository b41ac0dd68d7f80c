-- Where people are signed in. One sign-in is one session; what renews it is used once.
create table session (
  tenant_id    uuid not null,
  id           uuid not null,
  agent_id     uuid not null,
  -- Browser and system as the client names them.
  device       text not null,
  -- The network of the client, shortened: /24 of IPv4, /48 of IPv6.
  network      text not null,
  created_at   timestamptz not null,
  last_used_at timestamptz not null,
  -- It ends then by itself; a renewal moves it.
  expires_at   timestamptz not null,
  ended_at     timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
create index session_of_agent on session (tenant_id, agent_id);
create index session_by_expiry on session (expires_at);
select protect_tenant_table('session');

-- All refresh tokens of a session, as digests: one that comes again is known.
create table refresh_token (
  tenant_id  uuid not null,
  token_hash bytea not null,
  session_id uuid not null,
  spent_at   timestamptz,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, session_id) references session (tenant_id, id) on delete cascade
);
-- A token is looked up before a tenant is known. Only the worker role does that.
create unique index refresh_token_by_hash on refresh_token (token_hash);
create index refresh_token_of_session on refresh_token (tenant_id, session_id);
select protect_tenant_table('refresh_token');

-- What somebody proves beside their password: that they have the secret of their authenticator app (RFC 6238).
create table second_factor (
  tenant_id      uuid not null,
  -- The person.
  id             uuid not null,
  -- The secret that codes are checked with; null until a first code has proved that an app has it.
  sealed_secret  bytea,
  -- A secret that was shown and is not proved yet.
  sealed_pending bytea,
  -- When the secret was proved.
  confirmed_at   timestamptz,
  -- The time step (30 s) of the last accepted code: no code is accepted twice.
  last_step      integer not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, id) references agent (tenant_id, id),
  check ((sealed_secret is null) = (confirmed_at is null))
);
select protect_tenant_table('second_factor');

-- Codes on paper for somebody without their app, as digests. Each is used once.
create table recovery_code (
  tenant_id uuid not null,
  agent_id  uuid not null,
  code_hash bytea not null,
  used_at   timestamptz,
  primary key (tenant_id, agent_id, code_hash),
  foreign key (tenant_id, agent_id) references second_factor (tenant_id, id) on delete cascade
);
select protect_tenant_table('recovery_code');

alter table workspace add column requires_second_factor boolean not null default false;
