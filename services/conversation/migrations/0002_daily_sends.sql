-- Replies of an account on a UTC day, for platforms with a quota: what is beyond it is refused, not queued.
create table daily_send (
  tenant_id  uuid not null,
  account_id uuid not null,
  day        date not null,
  sends      integer not null,
  primary key (tenant_id, account_id, day)
);
select protect_tenant_table('daily_send');
