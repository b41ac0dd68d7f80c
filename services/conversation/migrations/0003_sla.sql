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
