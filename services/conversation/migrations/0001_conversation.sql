-- People, conversations, messages and notes.

create table workspace (
  tenant_id  uuid not null primary key,
  -- Unique over all tenants: at sign-in it is looked up before the tenant is known. Only the worker role looks it up.
  slug       text not null unique,
  name       text not null,
  created_at timestamptz not null
);
select protect_tenant_table('workspace');

create table agent (
  tenant_id     uuid not null,
  id            uuid not null,
  -- An API token acts as an agent of its own, so that its messages stay attributed after it is revoked.
  kind          text not null check (kind in ('person', 'token')),
  email         text,
  display_name  text not null,
  role          text not null check (role in ('agent', 'supervisor', 'admin')),
  is_active     boolean not null,
  password_hash text,
  created_at    timestamptz not null,
  -- Numbers the events of an agent and detects conflicting changes.
  version       integer not null,
  -- Access tokens contain the epoch they were issued in: raising it ends them all.
  token_epoch   integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, email),
  check (kind = 'person' or (email is null and password_hash is null))
);
create index agent_by_name on agent (tenant_id, display_name, id) where kind = 'person';
select protect_tenant_table('agent');

create table api_token (
  tenant_id    uuid not null,
  -- Also the id of the agent it acts as.
  id           uuid not null,
  name         text not null,
  role         text not null check (role in ('agent', 'supervisor', 'admin')),
  -- Services and what may be done there: see api-token-scope.ts.
  scopes       text[] not null,
  -- Who created it. It ends with their access.
  owner_id     uuid not null,
  secret_hash  bytea not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, id) references agent (tenant_id, id),
  foreign key (tenant_id, owner_id) references agent (tenant_id, id)
);
create index api_token_of_owner on api_token (tenant_id, owner_id);
-- A token names its row before a tenant is known. Only the worker role looks it up.
create unique index api_token_by_id on api_token (id);
select protect_tenant_table('api_token');

create table signing_key (
  id             uuid not null primary key,
  public_jwk     jsonb not null,
  sealed_private bytea not null,
  created_at     timestamptz not null
);

-- Failed sign-ins of an account from one network, of an account, and of a network.
create table sign_in_attempt (
  -- Digest of workspace, e-mail and network, or of a part of them: none of them is kept.
  subject        bytea not null primary key,
  window_ends_at timestamptz not null,
  attempts       integer not null
);

-- From where accounts were used: failures made elsewhere do not shut these places.
create table sign_in_place (
  -- Digest of workspace, e-mail and network.
  subject bytea not null primary key,
  seen_at timestamptz not null
);

create table conversation_counter (
  tenant_id   uuid not null primary key,
  last_number integer not null
);
select protect_tenant_table('conversation_counter');

create table conversation (
  tenant_id            uuid not null,
  id                   uuid not null,
  number               integer not null,
  account_id           uuid not null,
  channel              text not null,
  external_thread_id   text not null,
  buyer_name           text,
  state                text not null check (state in ('unread', 'pending', 'handled', 'transferred')),
  priority             text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  assignee_id          uuid,
  -- Where it stands as a piece of work, beside what is owed in it. A reopened one is in its next cycle.
  phase                text not null default 'open' check (phase in ('open', 'snoozed', 'closed', 'merged')),
  snoozed_until        timestamptz,
  cycle                integer not null default 1 check (cycle >= 1),
  team_id              uuid,
  -- What the buyer wants, as automation found out or a person set.
  enquiry_type         text,
  enquiry_subtype      text,
  enquiry_by           text check (enquiry_by in ('person', 'machine')),
  -- The language of the buyer (BCP 47), as automation found out.
  language             text,
  unread_count         integer not null check (unread_count >= 0),
  waiting_since        timestamptz,
  overdue_since        timestamptz,
  last_message_at      timestamptz not null,
  last_message_preview text,
  last_inbound_at      timestamptz,
  -- Set when two conversations turned out to be one: messages and notes are in the older one (ADR 0049).
  joined_into          uuid,
  -- Numbers the events of a conversation.
  version              integer not null,
  -- Detects conflicting overwrites by people: ADR 0014.
  revision             integer not null,
  -- The versions of the buyer's last message and of the last act of a person: a machine that knew only an earlier one
  -- does not answer any more.
  buyer_version        integer not null default 0,
  person_version       integer not null default 0,
  -- What was decided before is not written any more.
  erased_at            timestamptz,
  created_at           timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  foreign key (tenant_id, assignee_id) references agent (tenant_id, id),
  check (state <> 'transferred' or assignee_id is not null),
  check (phase <> 'closed' or state = 'handled'),
  check (snoozed_until is null or phase = 'snoozed'),
  check (state = 'transferred' or (state = 'unread') = (unread_count > 0))
) with (fillfactor = 80);
-- Lists read one short range per state (and account, channel, assignee), so that a page costs the same at any table
-- size.
create index conversation_by_state on conversation (tenant_id, state, last_message_at desc, id desc);
create index conversation_by_assignee on conversation (tenant_id, assignee_id, state, last_message_at desc, id desc);
create index conversation_by_account on conversation (tenant_id, account_id, state, last_message_at desc, id desc);
create index conversation_by_channel on conversation (tenant_id, channel, state, last_message_at desc, id desc);
create index conversation_unread on conversation (tenant_id, last_message_at desc, id desc) where unread_count > 0;
create index conversation_joined on conversation (tenant_id, joined_into) where joined_into is not null;
create index conversation_by_priority on conversation (tenant_id, priority, state, last_message_at desc, id desc)
  where priority <> 'normal';
create index conversation_snoozed on conversation (snoozed_until, tenant_id, id) where snoozed_until is not null;
create index conversation_by_enquiry on conversation (tenant_id, enquiry_type, state, last_message_at desc, id desc)
  where enquiry_type is not null;
create index conversation_by_team on conversation (tenant_id, team_id, state, last_message_at desc, id desc)
  where team_id is not null;
create index conversation_waiting on conversation (tenant_id, waiting_since, id) where waiting_since is not null;
create index conversation_overdue on conversation (tenant_id, overdue_since, id) where overdue_since is not null;
select protect_tenant_table('conversation');

-- Whose conversations they are, as crm tells it: ids only. It may be told before the first message is taken.
create table conversation_customer (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  customer_id     uuid not null,
  primary key (tenant_id, conversation_id)
);
create index conversation_customer_of on conversation_customer (tenant_id, customer_id, conversation_id);
select protect_tenant_table('conversation_customer');

-- Customers that were merged: their conversations went to another one. Each merge is a row, so a chain has several.
create table merged_customer (
  tenant_id   uuid not null,
  customer_id uuid not null,
  merged_into uuid not null,
  primary key (tenant_id, customer_id, merged_into)
);
select protect_tenant_table('merged_customer');

create table message (
  tenant_id            uuid not null,
  id                   uuid not null,
  conversation_id      uuid not null,
  direction            text not null check (direction in ('inbound', 'outbound')),
  author               text not null check (author in ('buyer', 'seller', 'bot', 'system', 'agent')),
  agent_id             uuid,
  -- As it was first written.
  content              jsonb not null,
  -- What the platform told besides the content.
  context              jsonb,
  -- The latest reaction of each side, and every edit with the content from then on, oldest first.
  reactions            jsonb not null default '[]',
  edits                jsonb not null default '[]',
  deleted_at           timestamptz,
  external_id          text,
  reply_to_external_id text,
  -- Messages of one instant are ordered by the platform's sequence; if it has none, by the order of recording.
  thread_position      numeric not null,
  -- Set for messages from Crossdesk only.
  delivery_status      text check (delivery_status in ('queued', 'sent', 'delivered', 'read', 'failed', 'unknown')),
  delivery_failure     text,
  delivery_detail      text,
  delivery_updated_at  timestamptz,
  occurred_at          timestamptz not null,
  -- The time that the platform gave, if ingest did not believe it.
  claimed_at           timestamptz,
  received_at          timestamptz not null,
  recorded_at          timestamptz not null,
  -- For replies: the id that the client gave.
  client_mutation_id   text,
  primary key (tenant_id, id),
  check (author <> 'agent' or delivery_status is not null),
  check (delivery_status is null or direction = 'outbound'),
  check ((delivery_status is null) = (delivery_updated_at is null))
) partition by range (id);
create table message_default partition of message default;
create index message_of_conversation on message (tenant_id, conversation_id, occurred_at desc, thread_position desc, id desc);
select protect_tenant_table('message');

create table note (
  tenant_id       uuid not null,
  id              uuid not null,
  conversation_id uuid not null,
  -- Null: a rule wrote it.
  agent_id        uuid,
  text            text not null,
  created_at      timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
create index note_of_conversation on note (tenant_id, conversation_id, id desc);
select protect_tenant_table('note');

-- Words that conversations are marked with; two spellings are one.
create table tag (
  tenant_id   uuid not null,
  id          uuid not null,
  name        text not null,
  folded_name text not null,
  colour      text not null check (colour in ('grey', 'red', 'orange', 'yellow', 'green', 'blue', 'violet')),
  primary key (tenant_id, id),
  unique (tenant_id, folded_name)
);
select protect_tenant_table('tag');

create table conversation_tag (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  tag_id          uuid not null,
  primary key (tenant_id, conversation_id, tag_id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id),
  foreign key (tenant_id, tag_id) references tag (tenant_id, id)
);
create index conversation_tag_by_tag on conversation_tag (tenant_id, tag_id, conversation_id);
select protect_tenant_table('conversation_tag');

-- The decisions of automation that were carried out or refused: each is taken once, however often it is told.
create table executed_decision (
  tenant_id       uuid not null,
  decision_id     uuid not null,
  conversation_id uuid not null,
  executed_at     timestamptz not null,
  primary key (tenant_id, decision_id)
);
create index executed_decision_by_time on executed_decision (executed_at);
select protect_tenant_table('executed_decision');

-- What the check of outgoing texts asks about an order, as ingest tells it.
create table order_facts (
  tenant_id         uuid not null,
  order_id          uuid not null,
  external_order_id text not null,
  state             text not null,
  -- Minor units and ISO 4217; null if the platform did not tell.
  total_minor       text,
  total_currency    text,
  -- ISO 3166-1 of the recipient.
  market            text,
  tracking_numbers  text[] not null,
  version           integer not null,
  primary key (tenant_id, order_id)
);
create index order_facts_by_number on order_facts (tenant_id, external_order_id);
select protect_tenant_table('order_facts');

-- The order that a conversation is about, as crm tells it.
create table conversation_order (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  customer_id     uuid not null,
  order_id        uuid,
  -- 0 to 1: how sure it is.
  confidence      double precision,
  version         integer not null,
  primary key (tenant_id, conversation_id)
);
create index conversation_order_of on conversation_order (tenant_id, order_id);
select protect_tenant_table('conversation_order');

-- Rules of platforms that a workspace lets pass with a warning: {"channel", "rule"}.
create table lint_setting (
  tenant_id  uuid not null primary key,
  lowered    jsonb not null,
  version    integer not null,
  changed_at timestamptz not null
);
select protect_tenant_table('lint_setting');

-- The finer words of a workspace for what buyers want; two spellings are one.
create table enquiry_subtype (
  tenant_id   uuid not null,
  type        text not null,
  folded_name text not null,
  name        text not null,
  primary key (tenant_id, type, folded_name)
);
select protect_tenant_table('enquiry_subtype');
