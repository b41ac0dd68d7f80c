-- People who work together on a conversation: members, mentions, drafts, what each has read, and what happened.

alter table conversation
  -- Counts messages and notes: a reply names the count that its author knew (ADR 0080).
  add column content_version integer not null default 0,
  -- Counts the messages of the buyer; `read_mark` says how many of them an agent has read.
  add column inbound_seq     integer not null default 0;

alter table note
  -- The agents that the note calls.
  add column mentioned_ids uuid[] not null default '{}';

-- Agents who work on a conversation besides its assignee (members), or follow it (watchers).
create table conversation_member (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  agent_id        uuid not null,
  role            text not null check (role in ('member', 'watcher')),
  -- Null: a rule added them.
  added_by        uuid,
  added_at        timestamptz not null,
  primary key (tenant_id, conversation_id, agent_id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
create index conversation_member_of on conversation_member (tenant_id, agent_id, conversation_id);
select protect_tenant_table('conversation_member');

-- What an agent has begun to write: one for each agent and conversation.
create table draft (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  agent_id        uuid not null,
  text            text not null,
  -- The content_version that its author knew.
  basis           integer not null,
  -- Colleagues may read it.
  is_shared       boolean not null,
  version         integer not null,
  saved_at        timestamptz not null,
  primary key (tenant_id, conversation_id, agent_id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
create index draft_by_time on draft (saved_at);
select protect_tenant_table('draft');

-- How many of the buyer's messages an agent has read. No foreign keys: it is written on every look at a conversation.
create table read_mark (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  agent_id        uuid not null,
  seq             integer not null,
  primary key (tenant_id, conversation_id, agent_id)
) with (fillfactor = 80);
select protect_tenant_table('read_mark');

-- What happened to a conversation besides messages and notes: who changed what, with before and after. Rows are only
-- added. Values are ids, closed lists of words and names of tags, never words of the buyer.
create table activity (
  tenant_id       uuid not null,
  id              uuid not null,
  conversation_id uuid not null,
  -- Of the conversation, after it.
  version         integer not null,
  kind            text not null
    check (kind in ('changed', 'escalated', 'transferred', 'joined', 'member-changed', 'decision-settled')),
  actor_kind      text not null check (actor_kind in ('agent', 'customer', 'automation', 'system')),
  actor_id        text,
  -- The facts that changed, by name.
  before          jsonb not null,
  after           jsonb not null,
  at              timestamptz not null,
  primary key (tenant_id, id)
) partition by range (id);
create table activity_default partition of activity default;
create index activity_of_conversation on activity (tenant_id, conversation_id, at desc, id desc);
select protect_tenant_table('activity');
