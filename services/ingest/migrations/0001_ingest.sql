-- An app that a seller registered at a platform: its accounts share what it signs with and the address it delivers to.
create table channel_app (
  tenant_id          uuid not null,
  id                 uuid not null unique,
  channel            text not null,
  display_name       text not null,
  -- The secret part of the webhook address: looked up by its hash, shown from its sealed form.
  token_hash         bytea not null unique,
  sealed_token       bytea not null,
  sealed_credentials bytea not null,
  api_base_url       text not null,
  auth_base_url      text not null,
  registered_at      timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, channel, display_name)
);
select protect_tenant_table('channel_app');

create table channel_account (
  tenant_id           uuid not null,
  id                  uuid not null unique,
  channel             text not null,
  external_account_id text not null,
  display_name        text not null,
  -- The app whose credentials complete those of the account; null when the account has all of them itself.
  app_id              uuid,
  token_hash          bytea not null unique,
  sealed_token        bytea not null,
  sealed_credentials  bytea not null,
  api_base_url        text not null,
  auth_base_url       text not null,
  status              text not null check (status in ('connected', 'reauthorise', 'disabled')),
  status_reason       text,
  version             integer not null default 1,
  last_webhook_at     timestamptz,
  connected_at        timestamptz not null default now(),
  -- Who renews the token of the account now. It is written before the platform is asked, so that one asks at a time
  -- without holding a connection, and a renewal that was cut off is known for what it is.
  renewal_id          uuid,
  renewing_until      timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, channel, external_account_id)
);
select protect_tenant_table('channel_account');

-- Consents that were asked for and have not come back: the state names one, and works once.
create table authorisation_request (
  tenant_id    uuid not null,
  state_hash   bytea not null,
  app_id       uuid not null,
  requested_by uuid not null,
  expires_at   timestamptz not null,
  primary key (tenant_id, state_hash)
);
create unique index authorisation_request_state on authorisation_request (state_hash);
select protect_tenant_table('authorisation_request');

create table sync_cursor (
  tenant_id         uuid not null,
  account_id        uuid not null,
  kind              text not null check (kind in ('messages', 'orders')),
  cursor            text not null default '',
  next_due_at       timestamptz not null default now(),
  leased_until      timestamptz,
  last_succeeded_at timestamptz,
  last_error        text,
  primary key (tenant_id, account_id, kind)
);
create index sync_cursor_due on sync_cursor (next_due_at);
select protect_tenant_table('sync_cursor');

-- One row per delivery of a platform: the unique key makes a repeated webhook harmless. The address is that of an account
-- or of an app.
create table webhook_receipt (
  tenant_id    uuid not null,
  address_id   uuid not null,
  delivery_key text not null,
  raw_id       uuid not null,
  received_at  timestamptz not null,
  primary key (tenant_id, address_id, delivery_key)
);
select protect_tenant_table('webhook_receipt');

-- What came in, as it came in.
create table raw_payload (
  tenant_id   uuid not null,
  id          uuid not null,
  address_id  uuid not null,
  body        bytea not null,
  received_at timestamptz not null,
  primary key (tenant_id, id)
) partition by range (id);
create table raw_payload_default partition of raw_payload default;
select protect_tenant_table('raw_payload');

-- Whom the bytes of a delivery are about. A delivery that made no sense is about nobody before it is replayed.
create table raw_subject (
  tenant_id   uuid not null,
  account_id  uuid not null,
  kind        text not null check (kind in ('thread', 'order')),
  external_id text not null,
  raw_id      uuid not null,
  primary key (tenant_id, account_id, kind, external_id, raw_id)
);
select protect_tenant_table('raw_subject');

-- Signed deliveries that made no sense, or told of an account that is not connected.
create table parked_webhook (
  tenant_id   uuid not null,
  id          uuid not null,
  address_id  uuid not null,
  channel     text not null,
  raw_id      uuid not null,
  method      text not null,
  headers     jsonb not null,
  query       jsonb not null,
  reason      text not null,
  parked_at   timestamptz not null default now(),
  replayed_at timestamptz,
  primary key (tenant_id, id)
);
select protect_tenant_table('parked_webhook');

-- Which conversation a thread of a platform is. The row is what is locked before events of the conversation are appended.
create table thread (
  tenant_id          uuid not null,
  account_id         uuid not null,
  external_thread_id text not null,
  conversation_id    uuid not null,
  version            integer not null,
  buyer              jsonb not null,
  -- Set while the platform has to be asked who the buyer is.
  buyer_due_at       timestamptz,
  buyer_attempts     integer not null default 0,
  -- When the buyer last wrote: the window in which a channel takes replies counts from then.
  last_inbound_at    timestamptz,
  -- The millisecond of the ids that the latest messages of the thread got: those of the next get a later one, whatever the
  -- clock of the process that records them says.
  last_id_ms         bigint not null,
  -- Set while the thread has had no new message of its buyer since they were erased: one that is told again brings nothing
  -- back (ADR 0027).
  erased_at          timestamptz,
  primary key (tenant_id, account_id, external_thread_id),
  unique (tenant_id, conversation_id)
);
create index thread_buyer_due on thread (buyer_due_at) where buyer_due_at is not null;
select protect_tenant_table('thread');

-- Which message of ours a message of a platform is, whether it came by push, by poll or both.
create table inbound_message (
  tenant_id           uuid not null,
  account_id          uuid not null,
  external_message_id text not null,
  message_id          uuid not null,
  conversation_id     uuid not null,
  raw                 text,
  primary key (tenant_id, account_id, external_message_id)
);
create index inbound_message_by_id on inbound_message (tenant_id, message_id);
create index inbound_message_conversation on inbound_message (tenant_id, conversation_id);
select protect_tenant_table('inbound_message');

-- Messages of the seller's side that came while a reply of ours to the same thread was on its way: they are either its
-- echo or somebody in the platform's console, and only the outcome of the reply tells.
create table held_message (
  tenant_id           uuid not null,
  account_id          uuid not null,
  external_message_id text not null,
  conversation_id     uuid not null,
  message             jsonb not null,
  occurred_at         timestamptz not null,
  received_at         timestamptz not null,
  primary key (tenant_id, account_id, external_message_id)
);
create index held_message_conversation on held_message (tenant_id, conversation_id);
select protect_tenant_table('held_message');

create table customer_order (
  tenant_id           uuid not null,
  order_id            uuid not null,
  account_id          uuid not null,
  channel             text not null,
  external_order_id   text not null,
  snapshot            jsonb not null,
  version             integer not null default 1,
  placed_at           timestamptz not null,
  platform_updated_at timestamptz not null,
  refreshed_at        timestamptz not null,
  -- An order that was erased stays so: what its platform tells of it later is kept without the buyer.
  erased_at           timestamptz,
  primary key (tenant_id, order_id),
  unique (tenant_id, account_id, external_order_id)
);
create index customer_order_latest on customer_order (tenant_id, platform_updated_at desc, order_id desc);
create index customer_order_latest_of_account on customer_order (tenant_id, account_id, platform_updated_at desc, order_id desc);
create index customer_order_buyer on customer_order (tenant_id, account_id, (snapshot ->> 'buyerExternalId'));
select protect_tenant_table('customer_order');

-- Orders a push named without telling them: to be fetched.
create table order_fetch (
  tenant_id         uuid not null,
  account_id        uuid not null,
  external_order_id text not null,
  due_at            timestamptz not null default now(),
  attempts          integer not null default 0,
  last_error        text,
  primary key (tenant_id, account_id, external_order_id)
);
create index order_fetch_due on order_fetch (due_at);
select protect_tenant_table('order_fetch');

create table delivery_intent (
  tenant_id           uuid not null,
  message_id          uuid not null,
  conversation_id     uuid not null,
  account_id          uuid not null,
  seq                 bigint generated always as identity,
  content             jsonb not null,
  -- Equal for equal content: recognises an echo when the platform gave no id.
  fingerprint         text not null,
  status              text not null check (status in ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
  failure             text,
  detail              text,
  external_message_id text,
  -- Claims by senders, and those of them that count as no try.
  attempts            integer not null default 0,
  untried             integer not null default 0,
  due_at              timestamptz not null default now(),
  leased_until        timestamptz,
  attempted_at        timestamptz,
  -- Nothing more can be found out by machine.
  needs_person        boolean not null default false,
  -- Whether it was told where the platform puts the reply in its thread: the answer, an echo or a receipt tells it, once.
  is_placed           boolean not null default false,
  -- An earlier attempt may have reached the buyer, whatever became of the later ones.
  is_doubted          boolean not null default false,
  -- The sender works long after the event that asked for the reply: its trace waits here.
  traceparent         text,
  primary key (tenant_id, message_id)
);
create index delivery_intent_due on delivery_intent (due_at) where status = 'queued';
create index delivery_intent_open on delivery_intent (tenant_id, conversation_id, seq) where status in ('queued', 'sending', 'unknown');
create index delivery_intent_in_doubt on delivery_intent (due_at) where status in ('sending', 'unknown') and not needs_person;
create index delivery_intent_external on delivery_intent (tenant_id, account_id, external_message_id) where external_message_id is not null;
select protect_tenant_table('delivery_intent');

-- What each account has sent in the window of its channel's limit and on the UTC day, and until when it has to wait: for
-- every process that sends.
create table send_quota (
  tenant_id      uuid not null,
  account_id     uuid not null,
  window_ends_at timestamptz not null,
  taken          integer not null,
  waits_until    timestamptz not null,
  day            date not null,
  taken_of_day   integer not null,
  primary key (tenant_id, account_id)
);
select protect_tenant_table('send_quota');

-- Conversations whose replies are still to be erased: those on their way go out as they were accepted.
create table erasing (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  erasure_id      uuid not null,
  -- What is erased so far.
  erased_rows     jsonb not null,
  -- The last reply from before the erasure, once the conversation service has told that none is to come.
  until_seq       bigint,
  due_at          timestamptz,
  primary key (tenant_id, conversation_id, erasure_id)
);
create index erasing_due on erasing (due_at) where due_at is not null;
select protect_tenant_table('erasing');
