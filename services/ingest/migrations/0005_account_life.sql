-- How an authorisation was lost; null while it is not.
alter table channel_account add column loss text check (loss in ('expired', 'revoked', 'banned', 'refused'));

-- When the consent of a seller ends, and which warnings of it were given (ADR 0096). No row: it has no known end.
create table consent_end (
  tenant_id   uuid not null,
  account_id  uuid not null,
  ends_at     timestamptz not null,
  -- The platform did not tell the end: it is counted from the consent.
  is_assumed  boolean not null,
  -- The last warning that was given, in days ahead.
  warned_days integer,
  -- When the next warning is due; null when there is none.
  next_at     timestamptz,
  primary key (tenant_id, account_id)
);
create index consent_end_due on consent_end (next_at) where next_at is not null;
select protect_tenant_table('consent_end');

-- Accounts whose replies wait although they are authorised: people closed the store for some days, or the platform
-- suspended it.
create table send_pause (
  tenant_id  uuid not null,
  account_id uuid not null,
  reason     text not null check (reason in ('holiday', 'banned')),
  -- What the platform said.
  detail     text,
  -- Of a suspended store: when a reply tries again.
  until      timestamptz not null,
  primary key (tenant_id, account_id, reason)
);
select protect_tenant_table('send_pause');

-- How long a reply has waited for its account.
alter table delivery_intent add column requested_at timestamptz not null default now();

-- Lists of platforms that are read again for a span of time, beside the polls.
create table resync (
  tenant_id  uuid not null,
  id         uuid not null,
  account_id uuid not null,
  reason     text not null check (reason in ('person', 'connected', 'gap')),
  from_at    timestamptz not null,
  to_at      timestamptz not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index resync_of_account on resync (tenant_id, account_id, id desc);
select protect_tenant_table('resync');

-- How far each list of a job has been read.
create table resync_part (
  tenant_id    uuid not null,
  resync_id    uuid not null,
  account_id   uuid not null,
  kind         text not null check (kind in ('messages', 'orders')),
  state        text not null check (state in ('running', 'done', 'failed')),
  cursor       text not null,
  pages        integer not null default 0,
  -- Elements of the span, and how many of them were new.
  items        integer not null default 0,
  added        integer not null default 0,
  due_at       timestamptz not null,
  leased_until timestamptz,
  -- In a row.
  failures     integer not null default 0,
  last_error   text,
  ended_at     timestamptz,
  primary key (tenant_id, resync_id, kind),
  foreign key (tenant_id, resync_id) references resync (tenant_id, id)
);
create index resync_part_due on resync_part (due_at) where state = 'running';
select protect_tenant_table('resync_part');
