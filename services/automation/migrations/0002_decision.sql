-- What automation wants done, what became of it, and what it must know of a conversation to decide.

-- As the conversation service tells it.
create table conversation_facts (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  account_id      uuid not null,
  channel         text not null,
  state           text not null check (state in ('unread', 'pending', 'handled', 'transferred')),
  priority        text not null check (priority in ('low', 'normal', 'high', 'urgent')),
  assignee_id     uuid,
  waiting_since   timestamptz,
  last_message_at timestamptz not null,
  -- The last message of the buyer: its time and id; null before it.
  last_inbound_at timestamptz,
  last_inbound_id uuid,
  -- The version of the conversation that told this.
  version         integer not null,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('conversation_facts');

create table decision (
  tenant_id        uuid not null,
  id               uuid not null,
  conversation_id  uuid not null,
  kind             text not null check (kind in ('reply', 'assign', 'set-state', 'set-priority', 'escalate')),
  -- Null: a person, or the bot without a rule.
  rule_id          uuid,
  rule_version     integer,
  -- Who sent a template; null: a machine decided.
  agent_id         uuid,
  -- For replies: the id that the message has or would have, why it is written, and the version of the conversation that
  -- was known.
  message_id       uuid,
  purpose          text check (purpose in ('answer', 'acknowledgement', 'notice', 'agent')),
  based_on_version integer,
  template_id      uuid,
  variant_id       uuid,
  locale           text,
  -- The content of a reply, or the action.
  body             jsonb not null,
  -- Null until the conversation service has told.
  outcome          text check (outcome in ('carried-out', 'nothing-to-do', 'refused')),
  code             text,
  decided_at       timestamptz not null,
  settled_at       timestamptz,
  primary key (tenant_id, id),
  check ((kind = 'reply') = (message_id is not null)),
  check ((kind = 'reply') = (purpose is not null)),
  check ((outcome is null) = (settled_at is null))
) partition by range (id);
create table decision_default partition of decision default;
create index decision_of_conversation on decision (tenant_id, conversation_id, id desc);
create index decision_of_message on decision (tenant_id, message_id) where message_id is not null;
select protect_tenant_table('decision');

-- An erasure is done here when both topics that carry personal data have brought it: as often as either.
create table erasure_step (
  tenant_id          uuid not null,
  erasure_id         uuid not null,
  conversation_id    uuid not null,
  inbound_count      integer not null,
  conversation_count integer not null,
  erased_rows        jsonb not null,
  primary key (tenant_id, erasure_id, conversation_id)
);
select protect_tenant_table('erasure_step');
