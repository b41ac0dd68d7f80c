-- What each account has sent in the window of its channel's limit, and until when it has to wait: for every process that sends.
create table send_quota (
  tenant_id      uuid not null,
  account_id     uuid not null,
  window_ends_at timestamptz not null,
  taken          integer not null,
  waits_until    timestamptz not null,
  primary key (tenant_id, account_id)
);
select protect_tenant_table('send_quota');
