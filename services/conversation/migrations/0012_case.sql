-- After-sales cases: work items beside the conversations that they are about. Each has an owner, always.
create table case_counter (
  tenant_id   uuid primary key,
  last_number integer not null
);
select protect_tenant_table('case_counter');

create table after_sales_case (
  tenant_id      uuid not null,
  id             uuid not null,
  -- For people, counted per workspace.
  number         integer not null,
  -- The store of the conversation that it was opened from.
  account_id     uuid not null,
  type           text not null check (type in ('return', 'exchange', 'refund', 'damaged', 'wrong', 'missing', 'not-received',
    'quality', 'logistics', 'technical', 'claim', 'dispute', 'chargeback', 'other')),
  -- Written by people; empty after an erasure.
  title          text not null,
  state          text not null check (state in ('open', 'waiting', 'resolved', 'closed')),
  priority       text not null check (priority in ('low', 'normal', 'high', 'urgent')),
  owner_id       uuid not null,
  team_id        uuid,
  cycle          integer not null check (cycle > 0),
  started_at     timestamptz not null,
  due_at         timestamptz not null,
  warn_at        timestamptz not null,
  due_basis      text not null check (due_basis in ('conversation', 'policy', 'default', 'person')),
  policy_id      uuid,
  policy_version integer,
  -- How much of its due time was told.
  told           text not null check (told in ('nothing', 'warned', 'breached')),
  -- When the timer looks at it; null: there is nothing to tell.
  next_at        timestamptz,
  opened_by      uuid,
  opened_at      timestamptz not null,
  resolved_at    timestamptz,
  closed_at      timestamptz,
  -- Counts events; the revision counts what people decide by.
  version        integer not null,
  revision       integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  foreign key (tenant_id, owner_id) references agent (tenant_id, id),
  check ((resolved_at is null) = (state in ('open', 'waiting'))),
  check ((closed_at is null) = (state <> 'closed')),
  check (warn_at <= due_at)
);
create index case_due on after_sales_case (tenant_id, due_at, id) where state in ('open', 'waiting');
create index case_of_owner on after_sales_case (tenant_id, owner_id, id);
create index case_of_account on after_sales_case (tenant_id, account_id, id);
create index case_next on after_sales_case (next_at) where next_at is not null;
select protect_tenant_table('after_sales_case');

-- The conversations that a case is about.
create table case_conversation (
  tenant_id       uuid not null,
  case_id         uuid not null,
  conversation_id uuid not null,
  linked_at       timestamptz not null,
  primary key (tenant_id, case_id, conversation_id),
  foreign key (tenant_id, case_id) references after_sales_case (tenant_id, id)
);
create index case_conversation_of on case_conversation (tenant_id, conversation_id, case_id);
select protect_tenant_table('case_conversation');

-- The orders that a case is about.
create table case_order (
  tenant_id uuid not null,
  case_id   uuid not null,
  order_id  uuid not null,
  linked_at timestamptz not null,
  primary key (tenant_id, case_id, order_id),
  foreign key (tenant_id, case_id) references after_sales_case (tenant_id, id)
);
create index case_order_of on case_order (tenant_id, order_id, case_id);
select protect_tenant_table('case_order');

create table case_watcher (
  tenant_id uuid not null,
  case_id   uuid not null,
  agent_id  uuid not null,
  since     timestamptz not null,
  primary key (tenant_id, case_id, agent_id),
  foreign key (tenant_id, case_id) references after_sales_case (tenant_id, id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
select protect_tenant_table('case_watcher');

-- Everything that was done in a case, in its order.
create table case_entry (
  tenant_id  uuid not null,
  case_id    uuid not null,
  id         uuid not null,
  kind       text not null check (kind in ('opened', 'assigned', 'state-changed', 'changed', 'linked', 'unlinked', 'watcher',
    'note', 'due')),
  actor_kind text not null check (actor_kind in ('agent', 'customer', 'automation', 'system')),
  actor_id   uuid,
  before     jsonb not null,
  after      jsonb not null,
  -- The words of a note; empty after an erasure.
  text       text,
  at         timestamptz not null,
  primary key (tenant_id, case_id, id),
  foreign key (tenant_id, case_id) references after_sales_case (tenant_id, id)
);
select protect_tenant_table('case_entry');

-- The store of an order, so that nobody sees or links an order of a store that their role does not include.
alter table order_facts add column account_id uuid;

-- A case is seen by whoever may see its store and whose reach includes its owner or team, or one of its conversations.
select scope_table('after_sales_case', in_stores('account_id') || ' and (' || in_reach('owner_id', 'team_id') || ' or exists (
  select from case_conversation l where l.tenant_id = after_sales_case.tenant_id and l.case_id = after_sales_case.id))');
select scope_table('case_order', 'exists (
  select from after_sales_case seen where seen.tenant_id = case_order.tenant_id and seen.id = case_order.case_id)');
select scope_table('case_watcher', 'exists (
  select from after_sales_case seen where seen.tenant_id = case_watcher.tenant_id and seen.id = case_watcher.case_id)');
select scope_table('case_entry', 'exists (
  select from after_sales_case seen where seen.tenant_id = case_entry.tenant_id and seen.id = case_entry.case_id)');

-- What somebody is told of may be a case, or what they have promised to do for a customer.
alter table notification add column case_id uuid, add column follow_up_id uuid;

-- Somebody is told of what they see: not of a store, a conversation, a case or a job that is out of their sight by now.
select scope_table('notification', in_stores('account_id') || ' and (conversation_id is null or exists (
  select from conversation seen where seen.tenant_id = notification.tenant_id and seen.id = notification.conversation_id))
  and (case_id is null or exists (
  select from after_sales_case seen where seen.tenant_id = notification.tenant_id and seen.id = notification.case_id))
  and (job_id is null or exists (
  select from bulk_job seen where seen.tenant_id = notification.tenant_id and seen.id = notification.job_id))');
