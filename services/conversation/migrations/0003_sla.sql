-- Calendars, service levels and times at which something is due.

-- The hours of people: what each version said stays, because clocks ran by it.
create table calendar (
  tenant_id  uuid not null,
  id         uuid not null,
  name       text not null,
  version    integer not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select protect_tenant_table('calendar');

create table calendar_version (
  tenant_id   uuid not null,
  calendar_id uuid not null,
  version     integer not null,
  -- {"zone", "weekly", "exceptions"}: see calendar.domain.ts.
  content     jsonb not null,
  primary key (tenant_id, calendar_id, version)
);
select protect_tenant_table('calendar_version');

-- Service levels: in which time buyers are answered and their matters closed. The first that fits a conversation applies.
create table sla_policy (
  tenant_id  uuid not null,
  id         uuid not null,
  name       text not null,
  version    integer not null,
  position   integer not null,
  is_active  boolean not null,
  -- The calendar of the present version; null: wall clock.
  calendar_id uuid,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, calendar_id) references calendar (tenant_id, id)
);
select protect_tenant_table('sla_policy');

create table sla_policy_version (
  tenant_id  uuid not null,
  policy_id  uuid not null,
  version    integer not null,
  -- See policy.domain.ts. A breach names the version that it broke.
  content    jsonb not null,
  changed_at timestamptz not null,
  primary key (tenant_id, policy_id, version)
);
select protect_tenant_table('sla_policy_version');

-- Deadlines of platforms that a workspace has set instead of those of the channel's record; null: none.
create table platform_deadline (
  tenant_id uuid not null,
  channel   text not null,
  minutes   integer,
  primary key (tenant_id, channel)
);
select protect_tenant_table('platform_deadline');

-- The clocks of a conversation in its present cycle, and when one of them has to be looked at next.
create table sla_state (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  -- See clock.domain.ts.
  clocks          jsonb not null,
  -- When the first answer that is owed is due.
  due_at          timestamptz,
  -- Also the end of the lease of the worker that looks at it.
  next_at         timestamptz,
  tries           integer not null default 0,
  primary key (tenant_id, conversation_id)
) with (fillfactor = 80);
create index sla_state_next on sla_state (next_at) where next_at is not null;
create index sla_state_due on sla_state (tenant_id, due_at, conversation_id) where due_at is not null;
select protect_tenant_table('sla_state');
