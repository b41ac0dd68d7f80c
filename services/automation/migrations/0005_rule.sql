-- Automation rules: what they say, in which order they apply, what is known about the conversations and orders they ask
-- about, and what became of each event.

create table rule (
  tenant_id  uuid not null,
  id         uuid not null,
  -- Numbers the events of a rule and detects conflicting changes. The content is in rule_version.
  version    integer not null,
  position   integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
create index rule_by_position on rule (tenant_id, position, id);
select protect_tenant_table('rule');

-- What a rule said in each version. Rows stay when the rule is deleted: evaluations are explained with them.
create table rule_version (
  tenant_id uuid not null,
  rule_id   uuid not null,
  version   integer not null,
  mode      text not null check (mode in ('off', 'shadow', 'suggest', 'auto')),
  -- Name, trigger, condition, actions, limits, time zone, schedule.
  content   jsonb not null,
  primary key (tenant_id, rule_id, version)
);
select protect_tenant_table('rule_version');

-- The rules of a workspace after each change. A row never changes.
create table rule_set (
  tenant_id uuid not null,
  number    integer not null,
  -- [{ "ruleId", "version" }] in the order in which they apply.
  rules     jsonb not null,
  -- Whether one of them looks at turns.
  has_turn  boolean not null,
  made_at   timestamptz not null,
  primary key (tenant_id, number)
);
select protect_tenant_table('rule_set');

-- What rules ask about a conversation and no event of it tells.
create table rule_conversation (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  -- Null until crm has linked the conversation.
  customer_id     uuid,
  order_id        uuid,
  message_count   integer not null,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('rule_conversation');

-- One evaluation of the rules, with everything its result depends on. It holds no words of the buyer.
create table evaluation (
  tenant_id        uuid not null,
  event_id         uuid not null,
  trigger          text not null check (trigger in ('message', 'turn', 'conversation', 'order')),
  conversation_id  uuid not null,
  message_id       uuid,
  correlation_id   uuid not null,
  -- Whom the limits per buyer count: the customer, or the conversation of an unknown one.
  buyer_id         uuid not null,
  -- The version of the conversation that was known.
  based_on_version integer not null,
  rule_set         integer not null,
  facts            jsonb not null,
  -- { rule id: why it might not act again }
  denials          jsonb not null,
  -- The only rule that was evaluated, because its time had come; null: all that look at once.
  timer_rule_id    uuid,
  -- Decided by an earlier evaluation of the same message.
  taken            text[] not null,
  trace_hash       text not null,
  -- What became of each action that rules wanted done: [{ ruleId, type, decisionId, code, message }].
  results          jsonb not null,
  evaluated_at     timestamptz not null,
  -- The order in which a workspace was evaluated: what limits counted.
  seq              bigint not null generated always as identity,
  primary key (tenant_id, event_id)
) partition by range (event_id);
create table evaluation_default partition of evaluation default;
create index evaluation_of_conversation on evaluation (tenant_id, conversation_id, message_id);
create index evaluation_in_order on evaluation (tenant_id, seq);
select protect_tenant_table('evaluation');

-- Each time a rule acted or, in the modes shadow and suggest, would have: at most once for a chain of events, and as often
-- as its limits allow.
create table rule_act (
  tenant_id       uuid not null,
  rule_id         uuid not null,
  correlation_id  uuid not null,
  mode            text not null check (mode in ('shadow', 'suggest', 'auto')),
  conversation_id uuid not null,
  buyer_id        uuid not null,
  acted_at        timestamptz not null,
  primary key (tenant_id, rule_id, correlation_id)
);
create index rule_act_in_time on rule_act (tenant_id, rule_id, acted_at);
create index rule_act_of_buyer on rule_act (tenant_id, buyer_id, rule_id);
select protect_tenant_table('rule_act');
