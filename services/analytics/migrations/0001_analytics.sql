-- The inbox in numbers: what each conversation counts as, and the sums, so that no request has to scan.

create table conversation_fact (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  account_id      uuid not null,
  channel         text not null,
  state           text not null,
  unread_count    integer not null,
  -- Joined into another conversation: it counts nothing any more.
  is_joined       boolean not null,
  -- Version of the conversation; 0 = the row exists to be locked and counts nothing yet.
  version         integer not null,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('conversation_fact');

create table inbox_counter (
  tenant_id            uuid not null,
  account_id           uuid not null,
  channel              text not null,
  state                text not null,
  conversation_count   bigint not null,
  unread_message_count bigint not null,
  primary key (tenant_id, account_id, channel, state)
);
select protect_tenant_table('inbox_counter');

create table inbox_progress (
  tenant_id     uuid not null,
  counted_until timestamptz not null,
  primary key (tenant_id)
);
select protect_tenant_table('inbox_progress');
