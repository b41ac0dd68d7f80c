-- What every service has: the event history with its relay marks, the inbox, the dead letters, and two functions.

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

-- Creates the partitions of this month and the next two for a table that is partitioned by a UUIDv7. It runs as the
-- owner because the roles that services log in with may not change tables; it takes no text that it executes. Months are
-- those of UTC whatever the zone of the server: adding a month to an instant depends on the zone of the session.
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

create sequence outbox_event_seq;

-- The event history of the service. Partitioned by month along the UUIDv7 of the event, so that the id alone stays unique.
create table outbox_event (
  event_id     uuid not null primary key,
  seq          bigint not null default nextval('outbox_event_seq'),
  tenant_id    uuid not null,
  topic        text not null,
  key          uuid not null,
  envelope     jsonb not null,
  traceparent  text,
  created_at   timestamptz not null default now(),
  published_at timestamptz
) partition by range (event_id);
create table outbox_event_default partition of outbox_event default;
create index outbox_event_pending on outbox_event (seq) where published_at is null;
select protect_tenant_table('outbox_event');

create table inbox_event (
  consumer text not null,
  event_id uuid not null,
  processed_at timestamptz not null default now(),
  primary key (event_id, consumer)
) partition by range (event_id);
create table inbox_event_default partition of inbox_event default;

create table dead_letter (
  id          uuid not null primary key,
  -- Null when the bytes were too broken to tell.
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
