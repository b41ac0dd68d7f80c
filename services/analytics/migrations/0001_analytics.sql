-- The inbox in numbers: what each conversation counts as, and the sums, so that no request has to scan.

create table conversation_fact (
  tenant_id         uuid not null,
  conversation_id   uuid not null,
  account_id        uuid not null,
  channel           text not null,
  state             text not null,
  phase             text not null,
  assignee_id       uuid,
  team_id           uuid,
  enquiry_type      text,
  marks             text[] not null,
  unread_count      integer not null,
  unprocessed_count integer not null,
  replied_count     integer not null,
  -- Messages of the buyer, and how many of them there were when nothing was owed last, and when it was answered last.
  inbound_count     integer not null,
  settled_count     integer not null,
  answered_count    integer not null,
  -- Replies that failed, or of which nobody knows whether they arrived, since nothing was owed last.
  abnormal_ids      uuid[] not null,
  -- Joined into another conversation: it counts nothing any more.
  is_joined         boolean not null,
  -- Version of the conversation; 0 = the row exists to be locked and counts nothing yet.
  version           integer not null,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('conversation_fact');
select scope_table('conversation_fact', in_stores('account_id') || ' and ' || in_reach('assignee_id', 'team_id'));
comment on policy own_scope on conversation_fact is 'conversation_id';

-- One row for each combination of what people count by. A role limits it as it limits the conversations: by store, by
-- assignee and by team. A rebuild compares rows by their key, so nothing in it is null: the id of zeros is nobody or no
-- team, and empty words are no type and no mark.
create table inbox_counter (
  tenant_id                 uuid not null,
  account_id                uuid not null,
  channel                   text not null,
  state                     text not null,
  phase                     text not null,
  assignee_id               uuid not null,
  team_id                   uuid not null,
  enquiry_type              text not null,
  -- In their order, with commas.
  marks                     text not null,
  conversation_count        bigint not null,
  unread_message_count      bigint not null,
  unprocessed_message_count bigint not null,
  replied_message_count     bigint not null,
  abnormal_message_count    bigint not null,
  primary key (tenant_id, account_id, channel, state, phase, assignee_id, team_id, enquiry_type, marks)
);
select protect_tenant_table('inbox_counter');
select scope_table('inbox_counter', in_stores('account_id') || ' and ' || in_reach('assignee_id', 'team_id'));

create table inbox_progress (
  tenant_id     uuid not null,
  counted_until timestamptz not null,
  primary key (tenant_id)
);
select protect_tenant_table('inbox_progress');

-- The counters of a workspace have changed: written with the change, deleted by whoever tells it.
create table inbox_change (
  tenant_id uuid not null,
  id        bigint generated always as identity,
  primary key (tenant_id, id)
);
select protect_tenant_table('inbox_change');

-- When it was told last that the counters of a workspace have changed.
create table inbox_told (
  tenant_id uuid not null,
  version   integer not null,
  told_at   timestamptz not null,
  primary key (tenant_id)
);
select protect_tenant_table('inbox_told');
