-- What crm says of customers, beside their conversations: for views, routing and service levels.

-- The tags of each customer, with who says so.
create table customer_tag (
  tenant_id   uuid not null,
  customer_id uuid not null,
  -- Folded, as conditions compare it.
  tag         text not null,
  name        text not null,
  -- Null: a rule gave it.
  agent_id    uuid,
  rule_id     uuid,
  -- What the rule asked: {"field", "op", "values"}.
  reason      jsonb,
  primary key (tenant_id, customer_id, tag)
);
create index customer_tag_by_tag on customer_tag (tenant_id, tag, customer_id);
select protect_tenant_table('customer_tag');
select scope_table('customer_tag', 'exists (
  select from conversation_customer o where o.tenant_id = customer_tag.tenant_id and o.customer_id = customer_tag.customer_id)');

-- The tier of each customer who has one. It comes from orders of all stores.
create table customer_tier (
  tenant_id   uuid not null,
  customer_id uuid not null,
  tier        text not null,
  primary key (tenant_id, customer_id)
);
create index customer_tier_by_tier on customer_tier (tenant_id, tier, customer_id);
select protect_tenant_table('customer_tier');
select scope_table('customer_tier', unlimited());

-- The rule by which the queue placed something, what it asked of the customer and found, and whether the team is the
-- queue's own choice: then it moves on when another rule holds.
alter table queue_entry
  add column rule           text,
  add column customer_marks jsonb,
  add column is_team_chosen boolean not null default false;
alter table routing_record
  add column rule           text,
  add column customer_marks jsonb;
