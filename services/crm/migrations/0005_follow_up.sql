-- What somebody has promised to do for a customer, and when (ADR 0099).
create table follow_up (
  tenant_id       uuid not null,
  id              uuid not null,
  -- It hangs on a profile, which never moves: merging customers and undoing it need not touch it.
  profile_id      uuid not null,
  conversation_id uuid,
  owner_id        uuid not null,
  -- Empty after an erasure.
  text            text not null,
  due_at          timestamptz not null,
  -- The first due time: a recurrence rule counts from it.
  starts_at       timestamptz not null,
  rule            text,
  zone            text,
  occurrence      integer not null,
  state           text not null check (state in ('open', 'done', 'cancelled')),
  -- When its owner is to be told; null for one that was told, or that is over.
  tell_at         timestamptz,
  created_by      uuid,
  created_at      timestamptz not null,
  closed_at       timestamptz,
  version         integer not null,
  primary key (tenant_id, id),
  check ((rule is null) = (zone is null)),
  check (tell_at is null or state = 'open')
);
create index follow_up_due on follow_up (tell_at) where tell_at is not null;
create index follow_up_of_owner on follow_up (owner_id, tenant_id, state, due_at, id);
create index follow_up_by_time on follow_up (tenant_id, state, due_at, id);
create index follow_up_of_profile on follow_up (profile_id, tenant_id, state, due_at, id);
select protect_tenant_table('follow_up');
-- Whoever sees the customer sees what is to be done for them.
select scope_table('follow_up', 'exists (
  select from profile p where p.tenant_id = follow_up.tenant_id and p.id = follow_up.profile_id)');

-- The states that each order came to, for the timeline of its buyer: a row for each change, and the first one.
create table order_state (
  tenant_id  uuid not null,
  order_id   uuid not null,
  account_id uuid not null,
  -- Of the snapshot that brought it.
  version    integer not null,
  state      text not null,
  at         timestamptz not null,
  primary key (tenant_id, order_id, version)
);
select protect_tenant_table('order_state');

-- Where the after-sales cases of conversations stand. Their customer is that of the conversation.
create table customer_case (
  tenant_id       uuid not null,
  case_id         uuid not null,
  conversation_id uuid not null,
  type            text not null,
  state           text not null,
  opened_at       timestamptz not null,
  -- When it came to its present state; null while that is the first one.
  moved_at        timestamptz,
  primary key (tenant_id, case_id)
);
create index customer_case_of_conversation on customer_case (conversation_id, tenant_id);
select protect_tenant_table('customer_case');

-- Names in one spelling, so that customers are found by how they begin. Compared by code point: only such comparisons are
-- leakproof, and row-level security lets an index serve no other.
alter table profile add column name_key text collate "C" generated always as (lower(normalize(display_name, NFKC))) stored;
create index profile_name on profile (tenant_id, name_key) where name_key is not null;

-- Whether a profile is a customer, as a column of its own: the planner knows how many are, which it does not for a comparison of
-- two columns. It took the page of a list for a search of few rows among all.
alter table profile add column is_living boolean not null generated always as (customer_id = id) stored;
create index profile_living on profile (tenant_id, id) where is_living;
