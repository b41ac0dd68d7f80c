-- An app that a seller registered at a platform. Its accounts share its signing secrets and the address it delivers to.
create table channel_app (
  tenant_id          uuid not null,
  id                 uuid not null unique,
  channel            text not null,
  display_name       text not null,
  -- The secret part of the webhook address: looked up by its hash, displayed from its sealed form.
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
  -- ISO 3166-1 alpha-2: completes phone numbers that are told without a country.
  country             text check (country ~ '^[A-Z]{2}$'),
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
  -- The renewal of the account's token that is under way. It is written before the platform is asked: only one process
  -- asks at a time, no connection is held meanwhile, and a renewal that was cut off can be recognised.
  renewal_id          uuid,
  renewing_until      timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, channel, external_account_id)
);
select protect_tenant_table('channel_account');
select scope_table('channel_account', in_stores('id'));

-- Consents that were requested and have not been answered yet. Each has a state, which works once.
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
select scope_table('webhook_receipt', in_stores('address_id'));

-- Addresses whose last delivery was refused. An accepted delivery removes the row.
create table webhook_refusal (
  tenant_id  uuid not null,
  address_id uuid not null,
  reason     text not null check (reason in ('MISSING_SIGNATURE', 'BAD_SIGNATURE', 'STALE_TIMESTAMP')),
  refused_at timestamptz not null,
  primary key (tenant_id, address_id)
);
select protect_tenant_table('webhook_refusal');
select scope_table('webhook_refusal', in_stores('address_id'));

-- The bytes of deliveries, unchanged.
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
select scope_table('raw_payload', in_stores('address_id'));

-- The threads (by conversation id) and orders (by the platform's id) a delivery is about. A delivery that could not be parsed has none before it is replayed.
create table raw_subject (
  tenant_id   uuid not null,
  account_id  uuid not null,
  kind        text not null check (kind in ('thread', 'order')),
  external_id text not null,
  raw_id      uuid not null,
  primary key (tenant_id, account_id, kind, external_id, raw_id)
);
select protect_tenant_table('raw_subject');

-- What platforms reported and could not be recorded: signed deliveries or single elements of them that cannot be read
-- or name an account that is not connected, and elements of lists that cannot be read.
create table parked_webhook (
  tenant_id   uuid not null,
  id          uuid not null,
  address_id  uuid not null,
  channel     text not null,
  -- Where it came from; the bytes of an element of a list are the element itself.
  source      text not null check (source in ('webhook', 'messages', 'orders')),
  raw_id      uuid not null,
  -- The place of the element in the body of a delivery; '' if it is the whole body.
  at          text not null,
  -- The parts of the body before this one are recorded.
  from_part   integer not null default 0,
  method      text not null,
  headers     jsonb not null,
  query       jsonb not null,
  reason      text not null,
  parked_at   timestamptz not null default now(),
  replayed_at timestamptz,
  discarded_at timestamptz,
  primary key (tenant_id, id)
);
select protect_tenant_table('parked_webhook');
select scope_table('parked_webhook', in_stores('address_id'));

-- What platforms sent and is shown nowhere, counted for each UTC day. The address is that of an account, or of an app if the
-- account is not known.
create table ignored_event (
  tenant_id  uuid not null,
  id         uuid not null,
  address_id uuid not null,
  channel    text not null,
  kind       text not null,
  reason     text not null check (reason in ('unused', 'group', 'history', 'other_app', 'hidden', 'console', 'error', 'unnamed', 'not_connected', 'id_reused')),
  day        date not null,
  count      bigint not null,
  first_at   timestamptz not null,
  last_at    timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, address_id, day, kind, reason)
);
create index ignored_event_last on ignored_event (last_at);
select protect_tenant_table('ignored_event');
select scope_table('ignored_event', in_stores('address_id'));

-- The conversation of each platform thread. This row is locked before events of the conversation are appended.
create table thread (
  tenant_id          uuid not null,
  account_id         uuid not null,
  -- The id that the platform gave last: replies go there.
  external_thread_id text not null,
  conversation_id    uuid not null,
  -- Set when two threads turned out to be one: the older one stays (ADR 0049).
  joined_into        uuid,
  version            integer not null,
  buyer              jsonb not null,
  -- The platform's time of the message that told the buyer's name.
  named_at           timestamptz,
  -- Set while the platform has to be asked who the buyer is.
  buyer_due_at       timestamptz,
  buyer_attempts     integer not null default 0,
  -- When the buyer last wrote: the window in which a channel takes replies counts from then.
  last_inbound_at    timestamptz,
  -- The millisecond in the ids of the thread's latest messages. Later messages get a later one, even if the clock of
  -- the process that records them is behind.
  last_id_ms         bigint not null,
  -- Set from the erasure of the buyer until they write a new message. A repeated old message restores nothing (ADR
  -- 0027).
  erased_at          timestamptz,
  primary key (tenant_id, conversation_id)
);
create index thread_joined on thread (tenant_id, joined_into) where joined_into is not null;
create index thread_buyer_due on thread (buyer_due_at) where buyer_due_at is not null;
select protect_tenant_table('thread');
select scope_table('thread', in_stores('account_id'));
comment on policy own_scope on thread is 'conversation_id';

-- Every id by which a platform names a thread: one buyer has a phone number, a user id, and later others.
create table thread_alias (
  tenant_id       uuid not null,
  account_id      uuid not null,
  id              text not null,
  -- The platform may give it to somebody else, as operators do with phone numbers.
  is_lent         boolean not null,
  conversation_id uuid not null,
  primary key (tenant_id, account_id, id)
);
create index thread_alias_conversation on thread_alias (tenant_id, conversation_id);
select protect_tenant_table('thread_alias');

-- Our message id for each message of a platform, whether it came by push, by poll or both.
create table inbound_message (
  tenant_id           uuid not null,
  account_id          uuid not null,
  external_message_id text not null,
  message_id          uuid not null,
  conversation_id     uuid not null,
  raw                 text,
  -- The text if it is too long for an event, which then carries only its beginning.
  whole_text          text,
  -- Within the thread: some platforms count the messages of each chat.
  primary key (tenant_id, conversation_id, external_message_id)
);
create index inbound_message_by_id on inbound_message (tenant_id, message_id);
select protect_tenant_table('inbound_message');

-- Messages of the seller's side that arrived while a reply of ours to the same thread was being sent. Each is either
-- the echo of the reply or was written in the platform's console; only the outcome of the reply decides.
create table held_message (
  tenant_id           uuid not null,
  account_id          uuid not null,
  external_message_id text not null,
  conversation_id     uuid not null,
  message             jsonb not null,
  occurred_at         timestamptz not null,
  -- The time that the platform gave, if it was not believed.
  claimed_at          timestamptz,
  received_at         timestamptz not null,
  primary key (tenant_id, conversation_id, external_message_id)
);
select protect_tenant_table('held_message');

-- Ids of threads and buyers that are too long for a key: everything else has them cut, with a hash. Calls to the platform
-- need the whole id.
create table long_id (
  tenant_id  uuid not null,
  account_id uuid not null,
  id         text not null,
  whole_id   text not null,
  primary key (tenant_id, account_id, id)
);
select protect_tenant_table('long_id');

-- Reactions, edits and deletions of messages, each once. One that arrives before its message waits for it.
create table message_change (
  tenant_id           uuid not null,
  account_id          uuid not null,
  -- A digest of the change: the same for every repetition.
  change_key          bytea not null,
  conversation_id     uuid not null,
  external_message_id text not null,
  -- Set while the message is unknown.
  waiting             jsonb,
  occurred_at         timestamptz not null,
  received_at         timestamptz not null,
  primary key (tenant_id, account_id, change_key)
);
create index message_change_waiting on message_change (tenant_id, conversation_id, external_message_id) where waiting is not null;
select protect_tenant_table('message_change');

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
  -- An erased order stays erased: later reports of its platform are kept without the buyer.
  erased_at           timestamptz,
  primary key (tenant_id, order_id),
  unique (tenant_id, account_id, external_order_id)
);
create index customer_order_latest on customer_order (tenant_id, platform_updated_at desc, order_id desc);
create index customer_order_latest_of_account on customer_order (tenant_id, account_id, platform_updated_at desc, order_id desc);
create index customer_order_buyer on customer_order (tenant_id, account_id, (snapshot ->> 'buyerExternalId'));
select protect_tenant_table('customer_order');

-- Orders that a push named without their content: to be fetched.
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
  -- Equal for equal content. It recognises an echo when the platform gave no id.
  fingerprint         text not null,
  status              text not null check (status in ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
  failure             text,
  detail              text,
  external_message_id text,
  -- The number of claims by senders, and how many of them do not count as tries.
  attempts            integer not null default 0,
  untried             integer not null default 0,
  due_at              timestamptz not null default now(),
  leased_until        timestamptz,
  -- The process that claimed it, by the number of the lock that it holds while it lives; null: only the lease counts.
  sender              integer,
  attempted_at        timestamptz,
  -- True when no machine can find out more.
  needs_person        boolean not null default false,
  -- Whether the reply's place in the platform's thread was published. The answer, an echo or a receipt brings it, and
  -- it is published once.
  is_placed           boolean not null default false,
  -- True when an earlier attempt may have reached the buyer, whatever the outcome of later ones.
  is_doubted          boolean not null default false,
  -- One of many that somebody sends at once: it yields to replies that people write.
  is_bulk             boolean not null default false,
  -- The trace of the event that requested the reply: the sender works later and continues it.
  traceparent         text,
  primary key (tenant_id, message_id)
);
create index delivery_intent_due on delivery_intent (is_bulk, due_at) where status = 'queued';
create index delivery_intent_open on delivery_intent (tenant_id, conversation_id, seq) where status in ('queued', 'sending', 'unknown');
create index delivery_intent_in_doubt on delivery_intent (due_at) where status in ('sending', 'unknown') and not needs_person;
create index delivery_intent_external on delivery_intent (tenant_id, account_id, external_message_id) where external_message_id is not null;
select protect_tenant_table('delivery_intent');

-- What each account has sent in the window of its channel's limit and on the UTC day, and until when it has to wait.
-- All processes that send share it.
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

-- Conversations whose replies are still to be erased: replies that are being sent go out as they were accepted.
create table erasing (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  erasure_id      uuid not null,
  -- What has been erased so far.
  erased_rows     jsonb not null,
  -- The last reply from before the erasure; null until the conversation service has reported that no more will come.
  until_seq       bigint,
  due_at          timestamptz,
  primary key (tenant_id, conversation_id, erasure_id)
);
create index erasing_due on erasing (due_at) where due_at is not null;
select protect_tenant_table('erasing');

-- The file of each message that has one. The bytes are in the media store under a name made of the key, so that whatever
-- a process that ended halfway left behind is overwritten or removed under the same name.
create table media (
  tenant_id       uuid not null,
  message_id      uuid not null,
  conversation_id uuid not null,
  account_id      uuid not null,
  kind            text not null check (kind in ('image', 'video', 'audio', 'file', 'sticker')),
  -- Where the platform has it.
  source          jsonb not null,
  file_name       text,
  state           text not null default 'pending' check (state in ('pending', 'ready', 'failed', 'erased')),
  failure         text,
  mime_type       text,
  bytes           integer,
  width           integer,
  height          integer,
  duration_ms     integer,
  -- Null when there is no thumbnail.
  thumbnail_type  text,
  -- Counts the claims by workers and identifies the latest one. `tries` begins again when a person asks.
  claims          integer not null default 0,
  tries           integer not null default 0,
  -- When a worker has to fetch it (pending) or to remove its bytes (failed, erased); null while there is nothing to do.
  due_at          timestamptz default now(),
  leased_until    timestamptz,
  created_at      timestamptz not null default now(),
  stored_at       timestamptz,
  primary key (tenant_id, message_id)
);
create index media_due on media (due_at) where due_at is not null;
create index media_conversation on media (tenant_id, conversation_id);
create index media_stored on media (stored_at) where state = 'ready';
select protect_tenant_table('media');

-- What the files of a workspace take in the media store, without thumbnails.
create table media_usage (
  tenant_id uuid not null primary key,
  bytes     bigint not null
);
select protect_tenant_table('media_usage');
