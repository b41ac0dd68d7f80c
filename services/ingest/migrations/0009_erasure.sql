-- Erasure of buyers (ADR 0027).

-- Set while the thread has had no new message of its buyer since he was erased: one that is told again brings nothing back.
alter table thread add column erased_at timestamptz;
-- An order that was erased stays so: what its platform tells of it later is kept without the buyer.
alter table customer_order add column erased_at timestamptz;
create index customer_order_buyer on customer_order (tenant_id, account_id, (snapshot ->> 'buyerExternalId'));
create index inbound_message_conversation on inbound_message (tenant_id, conversation_id);

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
