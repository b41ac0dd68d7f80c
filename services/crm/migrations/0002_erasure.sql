-- The ledger of erasures (ADR 0027): who was to be erased, at whose wish, and who has done it. Ids only.
create table erasure (
  tenant_id    uuid not null,
  id           uuid not null,
  customer_id  uuid not null,
  requested_at timestamptz not null,
  requested_by uuid not null,
  completed_at timestamptz,
  version      integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, customer_id)
);
select protect_tenant_table('erasure');

-- Each service erases each conversation of the customer.
create table erasure_part (
  tenant_id       uuid not null,
  erasure_id      uuid not null,
  conversation_id uuid not null,
  service         text not null check (service in ('ingest', 'conversation', 'crm')),
  erased_at       timestamptz,
  erased_rows     jsonb,
  primary key (tenant_id, erasure_id, conversation_id, service),
  foreign key (tenant_id, erasure_id) references erasure (tenant_id, id)
);
select protect_tenant_table('erasure_part');
