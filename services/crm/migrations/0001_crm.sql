-- Customers and their identities, orders (as far as linking needs them), mentions (what conversations name), and the
-- result of all three: the link of each conversation.

-- One buyer id at one account. It never moves: who is one customer is derived from what profiles claim (ADR 0097).
create table profile (
  tenant_id     uuid not null,
  id            uuid not null,
  -- Where the id is valid; null for a thread of which nothing but its joining is known yet.
  account_id    uuid,
  channel       text,
  display_name  text,
  locale        text,
  avatar_url    text,
  -- When the names above were last reported, by the clock of the platform.
  profiled_at   timestamptz not null,
  first_seen_at timestamptz not null,
  -- Whom it belongs to: customers are derived from profiles, and a customer's id is that of its oldest profile.
  customer_id   uuid not null,
  -- It takes no part in anything any more; its customer stays as it was.
  is_erased     boolean not null default false,
  -- Of the events that are told of a customer.
  version       integer not null default 0,
  primary key (tenant_id, id)
);
create index profile_customer on profile (customer_id, tenant_id);
select protect_tenant_table('profile');

-- What profiles are known by. What several of them claim may make them one customer.
create table customer_identity (
  tenant_id     uuid not null,
  -- platform: the id that makes the profile. A conversation is a claim as well: one thread is one buyer. email_near: an
  -- address without what its provider ignores.
  kind          text not null check (kind in
    ('platform', 'platform_commerce', 'phone', 'email', 'email_near', 'conversation')),
  -- The account for which a platform id is valid; the zero uuid for an identity that is valid everywhere.
  account_id    uuid not null,
  value         text not null,
  profile_id    uuid not null,
  -- Derived: the customer of the profile.
  customer_id   uuid not null,
  first_seen_at timestamptz not null,
  -- The day on which it was claimed last, as far as it matters: numbers are given to other people.
  last_seen_on  date not null,
  primary key (tenant_id, kind, account_id, value, profile_id)
);
create unique index customer_identity_platform on customer_identity (tenant_id, account_id, value) where kind = 'platform';
create index customer_identity_customer on customer_identity (customer_id, tenant_id);
create index customer_identity_profile on customer_identity (profile_id, tenant_id);
select protect_tenant_table('customer_identity');
-- What is valid everywhere is read by the customer it belongs to.
select scope_table('customer_identity',
  '(account_id = ''00000000-0000-0000-0000-000000000000'' or ' || in_stores('account_id') || ')');
select scope_table('profile', '(' || unlimited() || ' or exists (
  select from customer_identity i where i.tenant_id = profile.tenant_id and i.customer_id = profile.customer_id
    and i.account_id <> ''00000000-0000-0000-0000-000000000000''))');

create table order_ref (
  tenant_id         uuid not null,
  order_id          uuid not null,
  account_id        uuid not null,
  external_order_id text not null,
  -- The external id as platforms refer to it: exact, in one Unicode spelling.
  reference         text not null,
  -- The external id as people write it: upper case, letters and digits only. Several orders may have the same.
  order_number      text not null,
  buyer_external_id text,
  placed_at         timestamptz not null,
  -- Null for an order of a snapshot that was stored before these were.
  state             text,
  currency          text,
  total_minor       bigint,
  -- The country it goes to, ISO 3166-1 alpha-2.
  region            text,
  skus              text[] not null default '{}',
  version           integer not null,
  primary key (tenant_id, order_id)
);
-- The most selective column comes first in these indexes. Without statistics the planner considers every index that
-- starts with the tenant and the account equally good, which made a batch 30 times slower in a new database.
create index order_ref_reference on order_ref (reference, account_id, tenant_id);
create index order_ref_number on order_ref (order_number, account_id, tenant_id);
create index order_ref_buyer on order_ref (buyer_external_id, account_id, tenant_id, placed_at desc);
select protect_tenant_table('order_ref');

-- Every tracking number an order ever had: a set that only grows, so the order of snapshots does not matter.
create table order_tracking (
  tenant_id       uuid not null,
  account_id      uuid not null,
  tracking_number text not null,
  order_id        uuid not null,
  primary key (tenant_id, account_id, tracking_number, order_id)
);
create index order_tracking_order on order_tracking (order_id, tenant_id);
select protect_tenant_table('order_tracking');

-- What a conversation names, whether or not an order with that name is known yet.
create table conversation_mention (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  -- reference: an order number by the platform; text: a word of a message; buyer: the id by which orders name the buyer.
  kind            text not null check (kind in ('reference', 'text', 'buyer')),
  token           text not null,
  account_id      uuid not null,
  mentioned_at    timestamptz not null,
  primary key (tenant_id, conversation_id, kind, token)
);
create index conversation_mention_token on conversation_mention (token, account_id, tenant_id, kind);
select protect_tenant_table('conversation_mention');

create table conversation_link (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  account_id      uuid not null,
  -- Null only between the statements of the transaction that creates the row.
  customer_id     uuid,
  order_id        uuid,
  confidence      double precision,
  reason          text,
  linked_at       timestamptz not null,
  version         integer not null,
  primary key (tenant_id, conversation_id)
);
create index conversation_link_customer on conversation_link (customer_id, tenant_id, conversation_id desc);
select protect_tenant_table('conversation_link');
select scope_table('conversation_link', in_stores('account_id'));
comment on policy own_scope on conversation_link is 'conversation_id';

-- The ledger of erasures (ADR 0027): the customer, the person who requested it, and the services that have done it. Ids
-- only.
create table erasure (
  tenant_id    uuid not null,
  id           uuid not null,
  customer_id  uuid not null,
  requested_at timestamptz not null,
  requested_by uuid not null,
  -- The profiles that were the customer then. Whoever joins them later is somebody else, and stays.
  profile_ids  uuid[] not null,
  completed_at timestamptz,
  version      integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, customer_id)
);
select protect_tenant_table('erasure');
select scope_table('erasure', unlimited());

-- Each service erases each conversation of the customer.
create table erasure_part (
  tenant_id       uuid not null,
  erasure_id      uuid not null,
  conversation_id uuid not null,
  service         text not null check (service in ('ingest', 'conversation', 'crm', 'automation')),
  erased_at       timestamptz,
  erased_rows     jsonb,
  primary key (tenant_id, erasure_id, conversation_id, service),
  foreign key (tenant_id, erasure_id) references erasure (tenant_id, id)
);
select protect_tenant_table('erasure_part');
