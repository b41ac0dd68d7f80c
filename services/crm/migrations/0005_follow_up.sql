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
