create table channel_account (
  tenant_id           uuid not null,
  id                  uuid not null unique,
  channel             text not null,
  external_account_id text not null,
  display_name        text not null,
  -- The secret part of the webhook address: looked up by its hash, shown from its sealed form.
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
  primary key (tenant_id, id),
  unique (tenant_id, channel, external_account_id)
);
select protect_tenant_table('channel_account');

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

-- One row per delivery of a platform: the unique key is what makes a repeated webhook harmless.
create table webhook_receipt (
  tenant_id    uuid not null,
  account_id   uuid not null,
  delivery_key text not null,
  raw_id       uuid not null,
  received_at  timestamptz not null,
  primary key (tenant_id, account_id, delivery_key)
);
select protect_tenant_table('webhook_receipt');

-- What came in, as it came in.
create table raw_payload (
  tenant_id   uuid not null,
  id          uuid not null,
  account_id  uuid not null,
  body        bytea not null,
  received_at timestamptz not null,
  primary key (tenant_id, id)
) partition by range (id);
create table raw_payload_default partition of raw_payload default;
select protect_tenant_table('raw_payload');

-- Signed deliveries that made no sense.
create table parked_webhook (
  tenant_id   uuid not null,
  id          uuid not null,
  account_id  uuid not null,
  raw_id      uuid not null,
  headers     jsonb not null,
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
  primary key (tenant_id, order_id),
  unique (tenant_id, account_id, external_order_id)
);
create index customer_order_latest on customer_order (tenant_id, platform_updated_at desc, order_id desc);
create index customer_order_latest_of_account on customer_order (tenant_id, account_id, platform_updated_at desc, order_id desc);
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
  attempts            integer not null default 0,
  due_at              timestamptz not null default now(),
  leased_until        timestamptz,
  attempted_at        timestamptz,
  -- Nothing more can be found out by machine.
  needs_person        boolean not null default false,
  primary key (tenant_id, message_id)
);
create index delivery_intent_due on delivery_intent (due_at) where status = 'queued';
create index delivery_intent_open on delivery_intent (tenant_id, conversation_id, seq) where status in ('queued', 'sending', 'unknown');
create index delivery_intent_in_doubt on delivery_intent (due_at) where status in ('sending', 'unknown') and not needs_person;
create index delivery_intent_external on delivery_intent (tenant_id, account_id, external_message_id) where external_message_id is not null;
select protect_tenant_table('delivery_intent');
