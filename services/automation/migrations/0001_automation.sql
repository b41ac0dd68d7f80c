-- The analysis of each message, and the aggregate that orders the events about a conversation.

create table message_analysis (
  tenant_id       uuid not null,
  message_id      uuid not null,
  conversation_id uuid not null,
  -- BCP 47; null for a message without words.
  language        text,
  confidence      double precision not null check (confidence between 0 and 1),
  engine          text not null,
  analysed_at     timestamptz not null,
  primary key (tenant_id, message_id)
) partition by range (message_id);
create table message_analysis_default partition of message_analysis default;
select protect_tenant_table('message_analysis');

create table analysed_conversation (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  version         integer not null,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('analysed_conversation');
