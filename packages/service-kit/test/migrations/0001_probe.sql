-- The tables for the tests of the kit: effects have no unique key, so that a second one is visible.
create table effect (
  tenant_id uuid not null,
  id        bigint generated always as identity,
  event_id  uuid not null,
  key       uuid not null,
  step      integer not null,
  primary key (tenant_id, id)
);
select protect_tenant_table('effect');

create table stream (
  tenant_id uuid not null,
  id        uuid not null,
  version   integer not null,
  primary key (tenant_id, id)
);
select protect_tenant_table('stream');
