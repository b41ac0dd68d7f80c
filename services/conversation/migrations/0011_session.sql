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
