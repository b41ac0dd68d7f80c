-- Drops the partitions of an event table whose months ended before the kept ones began, and answers their names. It runs as
-- the owner because the roles that services log in with may not change tables; it takes no text that it executes, but the
-- names of the two tables it is for. An outbox partition with an event that is not published is kept whole, however old.
create function drop_old_partitions(parent text, kept_months integer) returns setof text language plpgsql security definer
  set search_path from current set timezone to 'UTC' set lock_timeout to '5s' as $$
declare
  first_kept text := to_char(date_trunc('month', now()) - make_interval(months => kept_months), 'YYYY_MM');
  partition_name text;
  is_wanted boolean := false;
begin
  if parent not in ('outbox_event', 'inbox_event') or kept_months < 1 then
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
