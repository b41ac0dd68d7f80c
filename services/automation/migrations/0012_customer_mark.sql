-- What crm says of customers, for the conditions of rules: their tags, folded, and the tier.
create table customer_mark (
  tenant_id   uuid not null,
  customer_id uuid not null,
  tags        text[] not null,
  -- Null: they never bought.
  tier        text,
  primary key (tenant_id, customer_id)
);
select protect_tenant_table('customer_mark');
-- Tiers come from orders of all stores.
select scope_table('customer_mark', unlimited());
