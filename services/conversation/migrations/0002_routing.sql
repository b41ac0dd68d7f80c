-- Teams, who is on duty, and the queue of what waits for a person.

create table team (
  tenant_id   uuid not null,
  id          uuid not null,
  name        text not null,
  folded_name text not null,
  is_archived boolean not null default false,
  version     integer not null,
  created_at  timestamptz not null,
  primary key (tenant_id, id)
);
create unique index team_by_name on team (tenant_id, folded_name) where not is_archived;
select protect_tenant_table('team');

create table team_member (
  tenant_id uuid not null,
  team_id   uuid not null,
  agent_id  uuid not null,
  primary key (tenant_id, team_id, agent_id),
  foreign key (tenant_id, team_id) references team (tenant_id, id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
create index team_member_of_agent on team_member (tenant_id, agent_id);
select protect_tenant_table('team_member');

-- What somebody can do: a language, a market, a topic; 1 is a beginner, 5 a native.
create table agent_skill (
  tenant_id uuid not null,
  agent_id  uuid not null,
  kind      text not null check (kind in ('language', 'market', 'topic')),
  value     text not null,
  level     integer not null check (level between 1 and 5),
  primary key (tenant_id, agent_id, kind, value),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
select protect_tenant_table('agent_skill');

-- Whether a person takes work, and how much they have. Every person has a row.
create table agent_duty (
  tenant_id         uuid not null,
  agent_id          uuid not null,
  is_on_duty        boolean not null default false,
  since             timestamptz not null,
  capacity          integer not null default 20 check (capacity between 0 and 1000),
  -- Conversations in work that are theirs and in which something is owed.
  used              integer not null default 0,
  assigned_in_shift integer not null default 0,
  last_assigned_at  timestamptz,
  -- How many times in a row they opened nothing of what they had got, and when the last time was.
  unopened          integer not null default 0,
  lapsed_at         timestamptz,
  -- They have left; what they owe goes to others.
  is_handing_over   boolean not null default false,
  version           integer not null default 0,
  primary key (tenant_id, agent_id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
create index agent_duty_leaving on agent_duty (since) where is_handing_over;
select protect_tenant_table('agent_duty');

create table routing (
  tenant_id      uuid not null primary key,
  is_on          boolean not null,
  -- Who gets what, the first rule that holds: routing-rules.domain.ts.
  rules          jsonb not null,
  -- How long the bot has to answer before a person is looked for.
  bot_wait_s     integer not null check (bot_wait_s between 0 and 600),
  -- How long somebody has to open what they got.
  open_within_s  integer not null check (open_within_s between 10 and 86400),
  sticky_days    integer not null check (sticky_days between 0 and 365),
  version        integer not null,
  changed_at     timestamptz not null
);
select protect_tenant_table('routing');

-- What waits for a person. Without a team it is not placed yet.
create table queue_entry (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  team_id         uuid,
  -- Skills that whoever gets it must have now, as canonical JSON: [{kind, value, level}].
  needs           text not null default '[]',
  -- The place in the queue: it grows old by itself.
  order_at        timestamptz not null,
  waiting_since   timestamptz not null,
  entered_at      timestamptz not null,
  -- When it is looked at again: the bot had its time, a wish is dropped, somebody may get it again.
  due_at          timestamptz,
  -- Who may not get it, and until when: [{agentId, until}].
  excluded        jsonb not null default '[]',
  reason          text not null check (reason in ('new', 'declined', 'not-opened', 'shift-ended', 'rebalanced', 'handed-over')),
  primary key (tenant_id, conversation_id)
) with (fillfactor = 80);
create index queue_entry_ready on queue_entry (tenant_id, team_id, needs, order_at, conversation_id) where team_id is not null;
create index queue_entry_by_order on queue_entry (tenant_id, order_at, conversation_id);
create index queue_entry_due on queue_entry (due_at) where due_at is not null;
select protect_tenant_table('queue_entry');

-- Something changed that may let a team take more work: written with the change, deleted by whoever looks.
create table routing_wake (
  tenant_id uuid not null,
  team_id   uuid not null,
  id        bigint generated always as identity,
  primary key (tenant_id, team_id, id)
);
select protect_tenant_table('routing_wake');

-- What somebody got and has not opened.
create table routing_offer (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  agent_id        uuid not null,
  offered_at      timestamptz not null,
  open_until      timestamptz not null,
  -- They have done something in another conversation since: they are there.
  has_acted       boolean not null default false,
  primary key (tenant_id, conversation_id)
);
create index routing_offer_due on routing_offer (open_until);
create index routing_offer_of_agent on routing_offer (tenant_id, agent_id) where not has_acted;
select protect_tenant_table('routing_offer');

-- Why somebody got a conversation.
create table routing_record (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  version         integer not null,
  at              timestamptz not null,
  team_id         uuid,
  agent_id        uuid not null,
  strategy        text not null check (strategy in ('sticky', 'specialist', 'balanced', 'claimed')),
  reason          text not null,
  -- The rule, and each person who was looked at, with what spoke against them.
  trace           jsonb not null,
  primary key (tenant_id, conversation_id, version)
);
create index routing_record_by_time on routing_record (at);
select protect_tenant_table('routing_record');
