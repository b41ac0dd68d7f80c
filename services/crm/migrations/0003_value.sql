-- What customers are worth to the workspace: amounts in one currency, tags, tiers, segments.

-- Exchange rates that the workspace has set. The shipped ones are in the code.
create table fx_rate (
  tenant_id uuid not null,
  currency  text not null,
  day       date not null,
  -- Units of the currency for one euro.
  per_eur   numeric(20, 8) not null check (per_eur > 0),
  set_by    uuid not null,
  set_at    timestamptz not null,
  primary key (tenant_id, currency, day)
);
select protect_tenant_table('fx_rate');
select scope_table('fx_rate', unlimited());

-- Every model that ever applied; the one with the highest version applies. None: the default in the code, version 0.
create table tier_model (
  tenant_id uuid not null,
  version   integer not null,
  content   jsonb not null,
  set_by    uuid not null,
  set_at    timestamptz not null,
  primary key (tenant_id, version)
);
select protect_tenant_table('tier_model');
select scope_table('tier_model', unlimited());

-- Derived from the orders of a customer. No row: nothing was computed yet, which is as if they had not bought.
create table customer_stats (
  tenant_id        uuid not null,
  customer_id      uuid not null,
  order_count      integer not null default 0,
  year_order_count integer not null default 0,
  currency         text,
  spent_minor      bigint not null default 0,
  year_spent_minor bigint not null default 0,
  -- What could not be converted: amounts by currency.
  unconverted      jsonb not null default '[]',
  -- The oldest rate that was used.
  rates_from       date,
  first_order_at   timestamptz,
  last_order_at    timestamptz,
  regions          text[] not null default '{}',
  skus             text[] not null default '{}',
  recency          smallint,
  frequency        smallint,
  monetary         smallint,
  tier             text,
  model_version    integer not null default 0,
  -- When time alone changes the tier or a tag next.
  next_change_at   timestamptz,
  computed_at      timestamptz,
  version          integer not null,
  primary key (tenant_id, customer_id)
);
create index customer_stats_due on customer_stats (next_change_at) where next_change_at is not null;
select protect_tenant_table('customer_stats');
-- The amounts are those of all stores.
select scope_table('customer_stats', unlimited());

-- What people said of a customer, by the profile that they said it of. The latest word of all profiles counts.
create table tag_fact (
  tenant_id  uuid not null,
  profile_id uuid not null,
  tag        text not null,
  name       text not null,
  -- False: it was taken away, and no rule gives it again.
  is_set     boolean not null,
  said_by    uuid not null,
  said_at    timestamptz not null,
  primary key (tenant_id, profile_id, tag)
);
select protect_tenant_table('tag_fact');
select scope_table('tag_fact', 'exists (
  select from profile p where p.tenant_id = tag_fact.tenant_id and p.id = tag_fact.profile_id)');

create table tag_rule (
  tenant_id  uuid not null,
  id         uuid not null,
  tag        text not null,
  name       text not null,
  condition  jsonb not null,
  is_active  boolean not null,
  version    integer not null,
  updated_by uuid not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, tag)
);
select protect_tenant_table('tag_rule');
select scope_table('tag_rule', unlimited());

-- The tags of each customer, derived from what people said and from the rules.
create table customer_tag (
  tenant_id   uuid not null,
  customer_id uuid not null,
  tag         text not null,
  name        text not null,
  -- Null: a rule gave it.
  agent_id    uuid,
  rule_id     uuid,
  -- What the condition compared, when a rule gave it.
  reason      jsonb,
  since       timestamptz not null,
  primary key (tenant_id, customer_id, tag)
);
create index customer_tag_tag on customer_tag (tag, tenant_id, customer_id desc);
select protect_tenant_table('customer_tag');
select scope_table('customer_tag', 'exists (
  select from profile p where p.tenant_id = customer_tag.tenant_id and p.id = customer_tag.customer_id)');

create table tier_history (
  tenant_id     uuid not null,
  customer_id   uuid not null,
  version       integer not null,
  from_tier     text,
  to_tier       text,
  cause         text not null check (cause in ('order', 'time', 'model', 'merge')),
  model_version integer not null,
  recency       smallint,
  frequency     smallint,
  monetary      smallint,
  changed_at    timestamptz not null,
  primary key (tenant_id, customer_id, version)
);
select protect_tenant_table('tier_history');
select scope_table('tier_history', unlimited());

-- What another model would change, found customer by customer.
create table tier_run (
  tenant_id     uuid not null,
  id            uuid not null,
  state         text not null check (state in ('running', 'ready', 'applied', 'outdated')),
  model         jsonb not null,
  -- The model that it is compared with: a run is applied only while that is the one in force.
  base_version  integer not null,
  asked_by      uuid not null,
  asked_at      timestamptz not null,
  after_id      uuid,
  seen_count    integer not null default 0,
  changed_count integer not null default 0,
  finished_at   timestamptz,
  applied_at    timestamptz,
  primary key (tenant_id, id)
);
create index tier_run_open on tier_run (asked_at) where state = 'running';
select protect_tenant_table('tier_run');
select scope_table('tier_run', unlimited());

create table tier_run_row (
  tenant_id   uuid not null,
  run_id      uuid not null,
  customer_id uuid not null,
  from_tier   text,
  to_tier     text,
  primary key (tenant_id, run_id, customer_id),
  foreign key (tenant_id, run_id) references tier_run (tenant_id, id) on delete cascade
);
create index tier_run_row_customer on tier_run_row (customer_id, tenant_id);
select protect_tenant_table('tier_run_row');
select scope_table('tier_run_row', unlimited());

create table segment (
  tenant_id  uuid not null,
  id         uuid not null,
  name       text not null,
  condition  jsonb not null,
  version    integer not null,
  updated_by uuid not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select protect_tenant_table('segment');
select scope_table('segment', unlimited());

-- A pass over all customers of a workspace, in pages: another rule, rate or model applies.
create table recompute_pass (
  tenant_id uuid not null primary key,
  after_id  uuid,
  asked_at  timestamptz not null
);
select protect_tenant_table('recompute_pass');
select scope_table('recompute_pass', unlimited());
