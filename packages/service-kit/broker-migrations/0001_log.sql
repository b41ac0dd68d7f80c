-- The embedded log: records by topic and partition. The head row of a partition is locked while appending, so that
-- positions are gapless and become visible in their order.
create table partition_head (
  topic text not null,
  partition integer not null,
  next_position bigint not null default 0,
  earliest_position bigint not null default 0,
  primary key (topic, partition)
);

create table record (
  topic text not null,
  partition integer not null,
  position bigint not null,
  key text not null,
  value text not null,
  headers jsonb not null,
  recorded_at timestamptz not null default now(),
  primary key (topic, partition, position)
);
create index record_age on record (recorded_at);

create table group_member (
  group_name text not null,
  member_id uuid not null,
  seen_at timestamptz not null default now(),
  primary key (group_name, member_id)
);

-- The member that reads a partition for a group, and the position of the group. The generation fences off members that
-- lost it.
create table group_partition (
  group_name text not null,
  topic text not null,
  partition integer not null,
  next_position bigint not null default 0,
  owner_id uuid,
  generation bigint not null default 0,
  leased_until timestamptz,
  primary key (group_name, topic, partition)
);
