-- Campaigns: one message for many customers, each through the gate (ADR 0102).

alter table outreach drop constraint outreach_kind_check;
alter table outreach add constraint outreach_kind_check check (kind in ('stage-notice', 'campaign'));
-- What it is for: it decides about consent, caps and hours.
alter table outreach add column purpose text not null default 'service' check (purpose in ('service', 'marketing'));
alter table outreach alter column purpose drop default;
-- What is not over, by its subject: a campaign looks here how far it is.
create index outreach_open on outreach (subject, tenant_id) where state in ('planned', 'decided');

create table campaign (
  tenant_id       uuid not null,
  id              uuid not null,
  name            text not null,
  purpose         text not null check (purpose in ('service', 'marketing')),
  -- The segment it was made from, for those who read it. The condition is the one that counts: it is frozen at the launch.
  segment_id      uuid,
  condition       jsonb not null,
  -- Only on threads of this store; null: on the latest of each customer.
  account_id      uuid,
  texts           jsonb not null,
  -- In ten thousandths.
  hold_out_share  integer not null check (hold_out_share between 0 and 5000),
  -- How long after it was planned a message may still go out.
  valid_hours     integer not null check (valid_hours between 1 and 720),
  state           text not null check (state in ('draft', 'running', 'paused', 'finished', 'cancelled')),
  -- Why it paused by itself.
  pause_reason    text,
  pauses_itself   boolean not null default true,
  version         integer not null,
  updated_by      uuid not null,
  updated_at      timestamptz not null,
  launched_by     uuid,
  launched_at     timestamptz,
  finished_at     timestamptz,
  -- How far its job is: members are frozen first, then released to the gate, both in the order of their ids.
  frozen_after    uuid,
  is_frozen       boolean not null default false,
  released_after  uuid,
  is_released     boolean not null default false,
  member_count    integer not null default 0,
  -- When the job looks at it next; null: no more, or not now.
  look_at         timestamptz,
  primary key (tenant_id, id)
);
create index campaign_look on campaign (look_at) where look_at is not null;
select protect_tenant_table('campaign');
-- Customers of all stores are in it.
select scope_table('campaign', unlimited());

-- Who was in a campaign when it was launched, and on which side of its experiment: it never changes.
create table campaign_member (
  tenant_id   uuid not null,
  campaign_id uuid not null,
  profile_id  uuid not null,
  arm         text not null check (arm in ('message', 'hold-out')),
  primary key (tenant_id, campaign_id, profile_id)
);
create index campaign_member_profile on campaign_member (profile_id, tenant_id);
select protect_tenant_table('campaign_member');
select scope_table('campaign_member', unlimited());
