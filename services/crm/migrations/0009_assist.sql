-- What is open with a customer, what they may be offered, and to what their orders are attributed (ADR 0106).

-- For people; null for cases that were opened before it was kept.
alter table customer_case add column number integer, add column due_at timestamptz;

-- The orders that cases are about.
create table case_order (
  tenant_id uuid not null,
  case_id   uuid not null,
  order_id  uuid not null,
  primary key (tenant_id, case_id, order_id)
);
create index case_order_order on case_order (order_id, tenant_id);
select protect_tenant_table('case_order');
select scope_table('case_order', 'exists (
  select from order_ref o where o.tenant_id = case_order.tenant_id and o.order_id = case_order.order_id)');

-- The latest orders of a store: what is bought together there.
create index order_ref_of_store on order_ref (account_id, tenant_id, placed_at desc);

-- A message on behalf of a store is seen by whoever sees the store.
drop policy own_scope on outreach;
select scope_table('outreach', in_stores('account_id') || ' and exists (
  select from profile p where p.tenant_id = outreach.tenant_id and p.id = outreach.profile_id)');

-- The contact for which an order counts, once for each order. All null: for none any more.
create table order_attribution (
  tenant_id       uuid not null,
  order_id        uuid not null,
  -- The store of the order.
  account_id      uuid not null,
  conversation_id uuid,
  outreach_id     uuid,
  contact_at      timestamptz,
  attributed_at   timestamptz not null,
  primary key (tenant_id, order_id),
  check ((conversation_id is null and outreach_id is null) = (contact_at is null)),
  check (conversation_id is null or outreach_id is null)
);
create index order_attribution_conversation on order_attribution (conversation_id, tenant_id) where conversation_id is not null;
select protect_tenant_table('order_attribution');

-- Customers whose conversations or orders are others than before. Whoever follows that takes the rows away.
create table relinked (
  tenant_id   uuid not null,
  seq         bigint generated always as identity,
  customer_id uuid not null,
  primary key (tenant_id, seq)
);
create index relinked_oldest on relinked (seq);
select protect_tenant_table('relinked');
-- Written for whoever asked, read by nobody who asks.
select scope_table('relinked', 'true');

-- What conversations are about and in which language, as the conversation service says.
create table conversation_topic (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  account_id      uuid not null,
  enquiry_type    text,
  language        text,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('conversation_topic');
