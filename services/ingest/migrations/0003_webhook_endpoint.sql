-- Addresses of others that events are pushed to (ADR 0085).
create table webhook_endpoint (
  tenant_id              uuid not null,
  id                     uuid not null unique,
  url                    text not null,
  description            text not null,
  -- Types of events, or the beginning of some and `*`.
  event_types            text[] not null,
  -- Only events of these accounts; empty: all events, also those of no account.
  account_ids            uuid[] not null,
  sealed_secret          bytea not null,
  -- The secret before the last rotation signs as well, until then.
  sealed_previous_secret bytea,
  previous_secret_until  timestamptz,
  is_enabled             boolean not null,
  -- Why it was disabled, if nobody did it.
  disabled_reason        text,
  version                integer not null,
  failures_in_row        integer not null default 0,
  -- Set while the circuit is open: when one call may try whether the receiver is back.
  probe_at               timestamptz,
  created_at             timestamptz not null,
  primary key (tenant_id, id)
);
select protect_tenant_table('webhook_endpoint');
-- It may get the events of all stores, so nobody with a limited role has anything to do with it.
select scope_table('webhook_endpoint', unlimited());

-- The events that at least one address of the workspace wants, as they are on the log. Kept as long as there.
create table webhook_event (
  tenant_id   uuid not null,
  event_id    uuid not null,
  -- The order in which they were read from the log.
  seq         bigint generated always as identity,
  key         uuid not null,
  type        text not null,
  account_id  uuid,
  envelope    text not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, event_id)
);
create index webhook_event_key on webhook_event (tenant_id, key);
create index webhook_event_recorded on webhook_event (tenant_id, recorded_at, seq);
create index webhook_event_age on webhook_event (recorded_at);
select protect_tenant_table('webhook_event');

-- The delivery of an event to an address. A replay makes it pending again, behind what waits.
create table webhook_delivery (
  tenant_id       uuid not null,
  endpoint_id     uuid not null,
  event_id        uuid not null,
  key             uuid not null,
  seq             bigint generated always as identity,
  state           text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
  pending_since   timestamptz not null,
  attempts        integer not null default 0,
  last_attempt_at timestamptz,
  -- The HTTP status of the last answer; null without one.
  last_status     integer,
  last_error      text,
  settled_at      timestamptz,
  primary key (tenant_id, endpoint_id, event_id)
);
create index webhook_delivery_lane on webhook_delivery (tenant_id, endpoint_id, key, seq) where state = 'pending';
create index webhook_delivery_dead on webhook_delivery (tenant_id, endpoint_id, event_id) where state = 'dead';
create index webhook_delivery_waiting on webhook_delivery (pending_since) where state = 'pending';
create index webhook_delivery_event on webhook_delivery (tenant_id, event_id);
select protect_tenant_table('webhook_delivery');

-- One row for each key of an address with pending deliveries: they go out one after another. It is locked by whoever adds
-- a delivery and whoever removes the row.
create table webhook_lane (
  tenant_id    uuid not null,
  endpoint_id  uuid not null,
  key          uuid not null,
  due_at       timestamptz not null,
  leased_until timestamptz,
  primary key (tenant_id, endpoint_id, key)
);
create index webhook_lane_due on webhook_lane (tenant_id, endpoint_id, due_at);
create index webhook_lane_leased on webhook_lane (tenant_id, endpoint_id, leased_until) where leased_until is not null;
select protect_tenant_table('webhook_lane');

-- Conversations and orders whose buyer was erased: what was recorded before and is read later is stored without them.
create table webhook_erasure (
  tenant_id uuid not null,
  key       uuid not null,
  -- The service that erased, whose events are meant; `everywhere`: those of all services.
  by        text not null,
  erased_at timestamptz not null,
  primary key (tenant_id, key, by)
);
select protect_tenant_table('webhook_erasure');
