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
  -- The versions of the conversation with the last message of the buyer, with the last word of a person or the last
  -- assignment to one, and with the message that began this exchange; 0 before it.
  inbound_version integer not null,
  person_version  integer not null,
  cycle_version   integer not null,
  -- The version of the conversation that told this.
  version         integer not null,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('conversation_facts');
select scope_table('conversation_facts', in_stores('account_id') || ' and ' || in_reach('assignee_id', null));
comment on policy own_scope on conversation_facts is 'conversation_id';

create table decision (
  tenant_id        uuid not null,
  id               uuid not null,
  conversation_id  uuid not null,
  kind             text not null check (kind in ('reply', 'assign', 'set-state', 'set-priority', 'add-tag', 'escalate')),
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
create index decision_of_rule on decision (tenant_id, rule_id, id) where rule_id is not null;
create index decision_of_message on decision (tenant_id, message_id) where message_id is not null;
create index decision_of_template on decision (tenant_id, template_id, decided_at) where template_id is not null;
select protect_tenant_table('decision');

-- Who answers in a conversation, and when: the messages of the buyer since the last answer are one turn.
create table turn (
  tenant_id           uuid not null,
  conversation_id     uuid not null,
  -- The last message of the turn, the kind of its content, and its version of the conversation.
  message_id          uuid not null,
  kind                text not null,
  position            integer not null,
  -- The first message of the turn.
  first_position      integer not null,
  first_at            timestamptz not null,
  -- When it is answered; null once that is decided. A worker that has taken it moves it on, in case it dies.
  due_at              timestamptz,
  -- The event of the last message.
  event_id            uuid not null,
  correlation_id      uuid not null,
  causation_depth     integer not null,
  traceparent         text,
  -- What became of it; null until that is decided.
  code                text,
  -- The question for which the buyer was asked for their order; null once it is settled.
  asked_intent        text,
  -- Why the conversation service refused the answer; null unless it did.
  refused_code        text,
  -- The version of the conversation at which the bot called a person.
  handed_over_version integer,
  handed_over_at      timestamptz,
  handed_over_code    text,
  promised_by         timestamptz,
  -- The version that was known when a person gave the conversation back to the bot.
  returned_version    integer,
  primary key (tenant_id, conversation_id)
);
create index turn_due on turn (due_at) where due_at is not null;
select protect_tenant_table('turn');

-- What became of each turn, for 35 days.
create table turn_verdict (
  tenant_id       uuid not null,
  id              uuid not null,
  conversation_id uuid not null,
  message_ids     uuid[] not null,
  code            text not null,
  -- For people: what lacked.
  detail          text,
  intent          text,
  template_id     uuid,
  decision_id     uuid,
  decided_at      timestamptz not null,
  primary key (tenant_id, id)
) partition by range (id);
create table turn_verdict_default partition of turn_verdict default;
create index turn_verdict_of_conversation on turn_verdict (tenant_id, conversation_id, id desc);
select protect_tenant_table('turn_verdict');

-- What a machine may answer by itself.
create table automation_policy (
  tenant_id    uuid not null,
  -- off: only rules answer; shadow: what it would do is recorded.
  mode         text not null check (mode in ('off', 'shadow', 'auto')),
  -- How long the buyer has been silent when their turn ends.
  wait_seconds integer not null,
  -- The rest of what people set.
  content      jsonb not null,
  version      integer not null,
  changed_at   timestamptz not null,
  primary key (tenant_id)
);
select protect_tenant_table('automation_policy');

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
