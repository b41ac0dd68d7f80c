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
