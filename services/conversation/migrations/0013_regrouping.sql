-- What people merge and split: segments of threads move between conversations, and a regrouping can be undone (ADR 0093).

alter table conversation
  -- People made it out of a part of that one: it has no thread of its own.
  add column split_from    uuid,
  -- The last regrouping that it took part in and that is not undone.
  add column regrouping_id uuid,
  -- It took part in one once: `segment` says which threads it has, and where its own one is.
  add column is_regrouped  boolean not null default false;

alter table message
  -- What it moves with; null: the thread that has the id of its conversation.
  add column segment_id    uuid,
  -- The last regrouping of its conversation when it was added.
  add column regrouping_id uuid;
create index message_since_regrouping on message (tenant_id, regrouping_id) where regrouping_id is not null;

-- Messages of one thread that move together, and the conversation in which they are. A conversation that never took part
-- in a regrouping has none: its thread has its id. `message.conversation_id` is where the segment of the message is.
create table segment (
  tenant_id       uuid not null,
  -- The first segment of a thread has the id of the thread.
  id              uuid not null,
  -- What ingest calls the conversation.
  thread_id       uuid not null,
  conversation_id uuid not null,
  account_id      uuid not null,
  channel         text not null,
  -- New messages of the thread go there.
  is_live         boolean not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id)
);
create unique index segment_live on segment (tenant_id, thread_id) where is_live;
create index segment_of_thread on segment (tenant_id, thread_id);
create index segment_of_conversation on segment (tenant_id, conversation_id);
select protect_tenant_table('segment');
-- Whoever sees a conversation sees all its threads, also those of other stores.
select scope_table('segment', 'exists (select from conversation c where c.tenant_id = segment.tenant_id and c.id = segment.conversation_id)');

-- What somebody merged or split, with what it was before. Values are ids, closed lists of words and times.
create table regrouping (
  tenant_id       uuid not null,
  id              uuid not null,
  -- The conversation that the others went into, or came from.
  conversation_id uuid not null,
  other_ids       uuid[] not null,
  reason          text not null,
  -- Null: a program without a person did it.
  agent_id        uuid,
  at              timestamptz not null,
  -- A merge or a split: regrouping.domain.ts.
  details         jsonb not null,
  undone_at       timestamptz,
  undone_by       uuid,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id)
);
create index regrouping_of_conversation on regrouping (tenant_id, conversation_id, id desc);
select protect_tenant_table('regrouping');

alter table activity drop constraint activity_kind_check;
alter table activity add constraint activity_kind_check check (kind in ('changed', 'escalated', 'transferred', 'joined',
  'member-changed', 'decision-settled', 'merged', 'split', 'regrouping-undone'));
