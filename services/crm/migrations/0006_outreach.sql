-- Whether, how and why buyers are written to without having asked (ADR 0100). Facts hang on profiles.

-- What a buyer agreed to or objected to. Rows are only added; the latest of a purpose counts.
create table consent (
  tenant_id   uuid not null,
  id          uuid not null,
  profile_id  uuid not null,
  purpose     text not null check (purpose in ('service', 'marketing')),
  state       text not null check (state in ('granted', 'withdrawn')),
  basis       text not null check (basis in ('opt-in', 'soft-opt-in', 'told-to-a-person', 'word-of-buyer')),
  -- What they were asked or what they wrote, and where the proof is. Empty after an erasure.
  wording     text,
  evidence    text,
  recorded_at timestamptz not null,
  -- Null: the buyer wrote it themselves.
  recorded_by uuid,
  primary key (tenant_id, id)
);
create index consent_profile on consent (profile_id, tenant_id, purpose, id desc);
select protect_tenant_table('consent');
select scope_table('consent', 'exists (
  select from profile p where p.tenant_id = consent.tenant_id and p.id = consent.profile_id)');

-- Addresses that are not written to, as keyed digests: they outlive an erasure, and name nobody.
create table suppression (
  tenant_id    uuid not null,
  address_hash bytea not null,
  purpose      text not null check (purpose in ('service', 'marketing')),
  since        timestamptz not null,
  primary key (tenant_id, address_hash, purpose)
);
select protect_tenant_table('suppression');
select scope_table('suppression', unlimited());

-- A thread, as a way to reach a buyer.
create table contact_point (
  tenant_id          uuid not null,
  conversation_id    uuid not null,
  account_id         uuid not null,
  channel            text not null,
  -- The last message of the buyer.
  last_inbound_at    timestamptz,
  -- Failures of the last 14 days that may pass.
  soft_bounces       timestamptz[] not null default '{}',
  unreachable_since  timestamptz,
  unreachable_reason text check (unreachable_reason in ('hard-bounce', 'soft-bounces')),
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('contact_point');
select scope_table('contact_point', in_stores('account_id'));

-- Messages to be written when their time comes, and what became of them. The id is that of the decision.
create table outreach (
  tenant_id       uuid not null,
  id              uuid not null,
  kind            text not null check (kind in ('stage-notice')),
  -- What it is about: the order and its stage. A person is written to once about it.
  subject         text not null,
  profile_id      uuid not null,
  -- Only on a thread of this store; null: on the latest.
  account_id      uuid,
  -- Patterns by locale and the values of their variables. Empty after an erasure.
  texts           jsonb not null,
  variables       jsonb not null,
  hold_out_share  integer not null check (hold_out_share between 0 and 10000),
  -- By whose clocks the quiet hours count.
  zone            text not null,
  planned_at      timestamptz not null,
  not_after       timestamptz not null,
  -- When it is looked at next; null: no more.
  due_at          timestamptz,
  tries           integer not null default 0,
  state           text not null check (state in ('planned', 'decided', 'sent', 'failed', 'suppressed', 'refused')),
  reason          text,
  arm             text check (arm in ('message', 'hold-out')),
  -- Every check with what it was given, as of the last look.
  trace           jsonb,
  conversation_id uuid,
  message_id      uuid,
  decided_at      timestamptz,
  settled_at      timestamptz,
  primary key (tenant_id, id)
);
create index outreach_due on outreach (due_at) where due_at is not null;
create index outreach_profile on outreach (profile_id, tenant_id, id desc);
create index outreach_unsettled on outreach (decided_at) where state = 'decided';
create index outreach_message on outreach (message_id) where message_id is not null;
create index outreach_subject on outreach (subject, tenant_id);
select protect_tenant_table('outreach');
select scope_table('outreach', 'exists (
  select from profile p where p.tenant_id = outreach.tenant_id and p.id = outreach.profile_id)');

-- What was ever planned: planning it again does nothing.
create table outreach_once (
  tenant_id   uuid not null,
  dedupe_key  text not null,
  outreach_id uuid not null,
  primary key (tenant_id, dedupe_key)
);
select protect_tenant_table('outreach_once');
select scope_table('outreach_once', unlimited());

-- What a store tells its buyers at a stage of their order.
create table stage_notice (
  tenant_id  uuid not null,
  account_id uuid not null,
  stage      text not null check (stage in ('payment-help', 'confirmed', 'shipped', 'delivered')),
  texts      jsonb not null,
  is_on      boolean not null,
  -- Changes of orders from before are not told.
  on_since   timestamptz not null,
  version    integer not null,
  primary key (tenant_id, account_id, stage)
);
select protect_tenant_table('stage_notice');

-- The stages that orders have reached. A stage that is known is not told again.
create table order_stage (
  tenant_id  uuid not null,
  order_id   uuid not null,
  stage      text not null check (stage in ('payment-help', 'confirmed', 'shipped', 'delivered', 'cancelled')),
  account_id uuid not null,
  reached_at timestamptz not null,
  primary key (tenant_id, order_id, stage)
);
select protect_tenant_table('order_stage');
