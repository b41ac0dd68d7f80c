-- The analysis and the words of each message, the aggregate that orders the events about a conversation, and message templates.

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

-- The words of buyers and of those who answer them, for 90 days.
create table message_text (
  tenant_id       uuid not null,
  message_id      uuid not null,
  conversation_id uuid not null,
  author          text not null check (author in ('buyer', 'seller', 'bot', 'system', 'agent')),
  text            text not null,
  -- The version of the conversation with this message: the order of its messages.
  position        integer not null,
  added_at        timestamptz not null,
  primary key (tenant_id, message_id)
) partition by range (message_id);
create table message_text_default partition of message_text default;
create index message_text_of_conversation on message_text (tenant_id, conversation_id, position);
select protect_tenant_table('message_text');

create table analysed_conversation (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  version         integer not null,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('analysed_conversation');

-- A message for a situation, written once for each language, market and channel that needs its own words.
create table template (
  tenant_id        uuid not null,
  id               uuid not null,
  -- Chosen by the workspace, for programs and for the next upsert; it never changes.
  key              text not null,
  name             text not null,
  situation        text not null check (situation in (
    'where-is-my-order', 'shipped', 'delayed', 'out-of-stock', 'return-how-to', 'refund-done', 'cancellation-done',
    'damaged-item', 'invoice', 'greeting', 'away', 'goodbye', 'other')),
  is_enabled       boolean not null,
  -- [{ "name", "type" }]
  variables        jsonb not null,
  -- BCP 47, for recipients in whose language there is no variant.
  fallback_locales text[] not null,
  -- The version that wrote the variants in use; later versions changed other things only.
  variants_version integer not null,
  -- Numbers the events of a template and detects conflicting changes.
  version          integer not null,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, key)
);
create index template_by_name on template (tenant_id, name, id);
select protect_tenant_table('template');

-- The words of a template. Rows of earlier versions stay: messages were sent with them.
create table template_variant (
  tenant_id   uuid not null,
  id          uuid not null,
  template_id uuid not null,
  version     integer not null,
  -- BCP 47.
  locale      text not null,
  -- ISO 3166-1; null: for all markets.
  market      text,
  -- Null: for all channels.
  channel     text,
  is_enabled  boolean not null,
  -- ICU MessageFormat.
  text        text not null,
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, template_id, version, locale, market, channel),
  foreign key (tenant_id, template_id) references template (tenant_id, id)
);
select protect_tenant_table('template_variant');
