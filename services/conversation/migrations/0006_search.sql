-- The words of messages, notes, names and numbers, for the search. It is filled from the events of this service and can
-- be made again from its tables.

-- A short number for each workspace. Every word in the index begins with it, so that the words of workspaces are never
-- in one list.
create table search_workspace (
  tenant_id uuid not null primary key,
  number    integer not null generated always as identity unique
);
select protect_tenant_table('search_workspace');

create table search_document (
  tenant_id       uuid not null,
  kind            text not null check (kind in ('message', 'note', 'conversation', 'order')),
  -- Of the message or the note; of the conversation for its name and number, and for the numbers of its order.
  id              uuid not null,
  conversation_id uuid not null,
  account_id      uuid not null,
  at              timestamptz not null,
  terms           tsvector not null,
  primary key (tenant_id, id, kind)
) partition by range (id);
create table search_document_default partition of search_document default;
-- Words that are not sorted in yet are read by every search: 1 MB of them takes a few milliseconds.
create index search_document_terms on search_document using gin (terms) with (gin_pending_list_limit = 1024);
create index search_document_of_conversation on search_document (tenant_id, conversation_id);
select protect_tenant_table('search_document');
