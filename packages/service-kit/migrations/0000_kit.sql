-- The part of the schema that every service has: the event history with its relay marks, consumed events, dead letters,
-- client requests, the audit chain, and ten functions.

-- Puts a table behind forced row-level security: request code sees the tenant of its transaction, consumers see all
-- and name the tenant in every statement.
create function protect_tenant_table(table_name text) returns void language plpgsql as $$
declare
  app_role text := format('crossdesk_%s_app', current_schema());
  worker_role text := format('crossdesk_%s_worker', current_schema());
  own_tenant text := 'tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid)';
begin
  execute format('alter table %I enable row level security', table_name);
  execute format('alter table %I force row level security', table_name);
  execute format('create policy own_tenant on %I to %I using (%s) with check (%s)', table_name, app_role, own_tenant, own_tenant);
  execute format('create policy any_tenant on %I to %I using (true) with check (true)', table_name, worker_role);
end $$;

-- The condition under which request code sees a row of a store: `app.stores` has the stores of the caller's role, and is
-- empty for a role with all stores. A row without a store belongs to all.
create function in_stores(account_column text) returns text language sql immutable as $$
  select format('(%1$s is null or %2$I is null or %2$I = any (%1$s::uuid[]))',
    '(select nullif(current_setting(''app.stores'', true), ''''))', account_column)
$$;

-- The condition under which the caller's reach includes a conversation: `app.reach` is 'own' (assigned to them), 'teams'
-- (also those of their teams), or empty for all. Where the team is not known, the reach 'teams' limits nothing.
create function in_reach(assignee_column text, team_column text) returns text language sql immutable as $$
  select format('(%1$s = '''' or %2$I = %3$s or (%1$s = ''teams'' and %4$s))',
    '(select coalesce(current_setting(''app.reach'', true), ''''))', assignee_column,
    '(select nullif(current_setting(''app.agent_id'', true), '''')::uuid)',
    case when team_column is null then 'true'
      else format('%I = any ((select nullif(current_setting(''app.teams'', true), ''''))::uuid[])', team_column) end)
$$;

-- The condition under which the caller's role is limited in nothing.
create function unlimited() returns text language sql immutable as $$
  select '(select coalesce(current_setting(''app.stores'', true), '''') || coalesce(current_setting(''app.reach'', true), '''') = '''')'
$$;

-- Limits what request code sees of a table beyond the tenant. One condition for reads and writes: what callers do not see,
-- they cannot change (ADR 0087). The boolean comes first for the planner: it takes a comparison with a setting to hold for
-- one row of 200, and would then read whole tables instead of the top of an index.
create function scope_table(table_name text, condition text) returns void language plpgsql as $$
begin
  execute format('create policy own_scope on %I as restrictive to %I using (%s)',
    table_name, format('crossdesk_%s_app', current_schema()), 
    case condition when 'true' then condition else format('(%s or %s)', unlimited(), condition) end);
end $$;

-- Runs after all migrations: scopes every table with a tenant that has no scope yet. A table with a store is limited to
-- the caller's stores. A table with a conversation shows what belongs to a conversation that the caller sees; the table
-- of conversations is the one whose scope has a comment, the name of its id.
create function scope_tenant_tables() returns void language plpgsql as $$
declare
  conversations record;
  found record;
begin
  select c.relname as name, obj_description(p.oid, 'pg_policy') as id into conversations
    from pg_policy p join pg_class c on c.oid = p.polrelid
    where c.relnamespace = current_schema()::regnamespace and p.polname = 'own_scope'
      and obj_description(p.oid, 'pg_policy') is not null;
  for found in
    select c.relname as name, a.attname as by_column
    from pg_class c
    join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
    cross join lateral (
      select attname from pg_attribute
      where attrelid = c.oid and attname in ('account_id', 'conversation_id') order by attname limit 1) a
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'own_scope')
  loop
    if found.by_column = 'account_id' then
      perform scope_table(found.name, in_stores('account_id'));
    elsif conversations.name is not null then
      perform scope_table(found.name, format(
        '(conversation_id is null or exists (select from %1$I seen where seen.tenant_id = %2$I.tenant_id and seen.%3$I = %2$I.conversation_id))',
        conversations.name, found.name, conversations.id));
    end if;
  end loop;
end $$;

-- Creates the partitions of this month and the next two for a table that is partitioned by a UUIDv7. It runs as the
-- owner because the roles that services log in with may not change tables; it executes no text of the caller. Months
-- are those of UTC, whatever the zone of the server: adding a month to an instant depends on the zone of the session.
create function ensure_month_partitions() returns void language plpgsql security definer
  set search_path from current set timezone to 'UTC' as $$
declare
  parent record;
  month_start timestamptz;
  partition_name text;
  boundary text[];
begin
  for parent in
    select c.relname from pg_partitioned_table p join pg_class c on c.oid = p.partrelid
    where c.relnamespace = current_schema()::regnamespace and p.partstrat = 'r'
  loop
    for month in 0..2 loop
      month_start := date_trunc('month', now()) + make_interval(months => month);
      partition_name := format('%s_%s', parent.relname, to_char(month_start, 'YYYY_MM'));
      if to_regclass(format('%I.%I', current_schema(), partition_name)) is null then
        select array_agg(
          substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-0000-0000-000000000000' order by hex
        ) into boundary
        from (
          select lpad(to_hex((extract(epoch from month_start + make_interval(months => step)) * 1000)::bigint), 12, '0') as hex
          from generate_series(0, 1) as step
        ) boundaries;
        execute format('create table %I partition of %I for values from (%L) to (%L)', partition_name, parent.relname, boundary[1], boundary[2]);
      end if;
    end loop;
  end loop;
end $$;

-- Drops the partitions of an event table whose months ended before the kept ones began, and returns their names. It
-- runs as the owner because the roles that services log in with may not change tables; it executes no text of the
-- caller, and accepts only the names of its two tables. An outbox partition with an unpublished event is kept as a
-- whole, however old.
create function drop_old_partitions(parent text, kept_months integer) returns setof text language plpgsql security definer
  set search_path from current set timezone to 'UTC' set lock_timeout to '5s' as $$
declare
  first_kept text := to_char(date_trunc('month', now()) - make_interval(months => kept_months), 'YYYY_MM');
  partition_name text;
  is_wanted boolean := false;
begin
  if parent not in ('outbox_event', 'consumed_event') or kept_months < 1 then
    raise exception 'partitions of % are not dropped', parent;
  end if;
  for partition_name in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = to_regclass(format('%I.%I', current_schema(), parent))
      and c.relname ~ ('^' || parent || '_[0-9]{4}_[0-9]{2}$') and right(c.relname, 7) < first_kept
    order by c.relname
  loop
    if parent = 'outbox_event' then
      execute format('select exists (select from %I where published_at is null)', partition_name) into is_wanted;
    end if;
    continue when is_wanted;
    execute format('drop table %I', partition_name);
    return next partition_name;
  end loop;
end $$;

create sequence outbox_event_seq;

-- The event history of the service. Partitioned by month along the UUIDv7 of the event, so that the id alone stays unique.
create table outbox_event (
  event_id     uuid not null primary key,
  seq          bigint not null default nextval('outbox_event_seq'),
  tenant_id    uuid not null,
  topic        text not null,
  key          uuid not null,
  -- Written and published as text, and rarely queried: json keeps the text unchanged, while jsonb would parse it at the
  -- insert and serialise it again for the relay.
  envelope     json not null,
  traceparent  text,
  created_at   timestamptz not null default now(),
  published_at timestamptz
) partition by range (event_id);
create table outbox_event_default partition of outbox_event default;
create index outbox_event_pending on outbox_event (seq) where published_at is null;
select protect_tenant_table('outbox_event');

-- The events each consumer has consumed: the unique key prevents an event from being applied twice.
create table consumed_event (
  consumer text not null,
  event_id uuid not null,
  consumed_at timestamptz not null default now(),
  primary key (event_id, consumer)
) partition by range (event_id);
create table consumed_event_default partition of consumed_event default;

create table dead_letter (
  id          uuid not null primary key,
  -- Null when the bytes were too broken to read it.
  tenant_id   uuid,
  consumer    text not null,
  event_id    uuid not null,
  key         text not null,
  topic       text not null,
  event_type  text,
  -- Later events of the key wait behind a blocking one.
  is_blocking boolean not null,
  raw         bytea not null,
  reason      text not null,
  attempts    integer not null,
  parked_seq  bigint generated always as identity,
  parked_at   timestamptz not null default now(),
  replayed_at timestamptz,
  unique (consumer, event_id)
);
create index dead_letter_waiting on dead_letter (consumer, key, parked_seq) where replayed_at is null;
select protect_tenant_table('dead_letter');
-- It does not tell the store.
select scope_table('dead_letter', unlimited());

-- The result of each clientMutationId: the unique key decides which of two equal requests is the first.
create table client_request (
  tenant_id          uuid not null,
  -- The kind of thing the request creates: the same text may be the key of a message and of a note.
  kind               text not null,
  client_mutation_id text not null,
  -- Digest of what the client asked for: the same id with other content is refused.
  content_hash       bytea not null,
  result_id          uuid not null,
  created_at         timestamptz not null,
  primary key (tenant_id, kind, client_mutation_id)
);
create index client_request_age on client_request (created_at);
select protect_tenant_table('client_request');

-- Who did what (people and programs through the API, rules, the system), for each tenant a chain of hashes: no entry
-- can be changed, removed or inserted unnoticed. Login roles may only read the two tables (migrate.ts grants it) and add
-- entries with the two functions below.
-- Ids only: no text, name or address of a person.
create table audit_entry (
  tenant_id     uuid not null,
  -- From 1 on, without a gap.
  seq           bigint not null,
  at            timestamptz not null,
  actor_kind    text not null check (actor_kind in ('agent', 'api-token', 'automation', 'system')),
  -- Person, API token or rule; null for the system, and for the bot without a rule.
  actor_id      uuid,
  -- The name of the mutation.
  action        text not null,
  -- The target of the action; null if it has no id of ours.
  target_id     uuid,
  previous_hash bytea not null,
  hash          bytea not null check (octet_length(hash) = 32),
  primary key (tenant_id, seq),
  check (actor_kind = 'automation' or (actor_id is null) = (actor_kind = 'system'))
);
select protect_tenant_table('audit_entry');
select scope_table('audit_entry', unlimited());

-- The last entry of each chain: locked while an entry is added; it also shows when the end of the chain is missing.
create table audit_head (
  tenant_id uuid not null primary key,
  seq       bigint not null,
  hash      bytea not null
) with (fillfactor = 50);
select protect_tenant_table('audit_head');

-- The functions run as the owner, which forced row-level security binds too: request code reaches the chain of its
-- tenant, consumers reach all.
do $$
declare
  owner_role text := format('crossdesk_%s_owner', current_schema());
  worker_role text := format('crossdesk_%s_worker', current_schema());
  reached text := format('session_user = %L or tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', worker_role);
  table_name text;
begin
  foreach table_name in array array['audit_entry', 'audit_head'] loop
    execute format('create policy by_function on %I to %I using (%s) with check (%s)', table_name, owner_role, reached, reached);
  end loop;
end $$;

-- Keys of the chains before the master secret was changed, sealed: they verify the entries of then.
create table retired_audit_key (
  id         text primary key,
  sealed_key bytea not null,
  retired_at timestamptz not null default now()
);

-- Locks the end of a chain until the commit; makes it for a new tenant. The time is read after locking, so that times
-- grow along the chain.
create function lock_audit_head(tenant uuid, out seq bigint, out hash bytea, out at timestamptz) language plpgsql security definer
  set search_path from current as $$
begin
  select head.seq, head.hash into seq, hash from audit_head head where head.tenant_id = tenant for update;
  if not found then
    insert into audit_head (tenant_id, seq, hash) values (tenant, 0, decode(repeat('0', 64), 'hex')) on conflict (tenant_id) do nothing;
    select head.seq, head.hash into strict seq, hash from audit_head head where head.tenant_id = tenant for update;
  end if;
  at := date_trunc('milliseconds', clock_timestamp());
end $$;

-- Adds an entry after the last one and moves the head. The caller gives neither number nor previous hash, so that a forged
-- entry breaks the hashes, which the verification tells, and never stops the entries after it.
create function append_audit_entry(
  tenant uuid, entry_at timestamptz, entry_actor_kind text, entry_actor_id uuid, entry_action text, entry_target_id uuid, entry_hash bytea
) returns void language plpgsql security definer
  set search_path from current as $$
declare
  head audit_head;
begin
  select * into strict head from audit_head where tenant_id = tenant for update;
  insert into audit_entry (tenant_id, seq, at, actor_kind, actor_id, action, target_id, previous_hash, hash)
    values (tenant, head.seq + 1, entry_at, entry_actor_kind, entry_actor_id, entry_action, entry_target_id, head.hash, entry_hash);
  update audit_head set seq = head.seq + 1, hash = entry_hash where tenant_id = tenant;
end $$;
