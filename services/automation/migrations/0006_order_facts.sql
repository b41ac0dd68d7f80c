-- What rules ask and replies say about an order, and which order a conversation is about.

create table order_facts (
  tenant_id         uuid not null,
  order_id          uuid not null,
  external_order_id text not null,
  state             text not null,
  placed_at         timestamptz not null,
  -- Minor units and ISO 4217; null if the platform did not tell.
  total_minor       text,
  total_currency    text,
  -- ISO 3166-1 of the recipient.
  market            text,
  -- The title of the first item.
  product           text,
  parcels           integer not null,
  -- Of the shipment that changed last.
  carrier           text,
  tracking_number   text,
  shipment_state    text,
  version           integer not null,
  primary key (tenant_id, order_id)
);
create index order_facts_by_number on order_facts (tenant_id, external_order_id);
select protect_tenant_table('order_facts');

create table conversation_order (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  customer_id     uuid not null,
  order_id        uuid,
  -- 0 to 1: how sure it is that the conversation is about the order.
  confidence      double precision,
  version         integer not null,
  primary key (tenant_id, conversation_id)
);
create index conversation_order_by_order on conversation_order (tenant_id, order_id) where order_id is not null;
select protect_tenant_table('conversation_order');
