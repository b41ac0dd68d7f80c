-- Translation: engines of a workspace, their use, the glossary, the memory, proposals for replies, translated messages.

-- An engine that a workspace has connected.
create table translation_provider (
  tenant_id              uuid not null,
  id                     uuid not null,
  kind                   text not null check (kind in (
    'deepl', 'google-v2', 'google-v3', 'azure', 'libretranslate', 'openai-compatible')),
  display_name           text not null,
  base_url               text not null,
  region                 text,
  model                  text,
  -- Null for an engine without a key.
  sealed_key             bytea,
  -- Engines are asked in this order.
  position               integer not null,
  characters_per_day_max integer check (characters_per_day_max > 0),
  version                integer not null,
  connected_at           timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, display_name)
);
select protect_tenant_table('translation_provider');

-- What an engine was asked to translate on a day (UTC). Characters are reserved before a call and settled after it.
create table provider_usage (
  tenant_id           uuid not null,
  provider_id         uuid not null,
  day                 date not null,
  reserved_characters integer not null default 0,
  used_characters     integer not null default 0,
  calls               integer not null default 0,
  failures            integer not null default 0,
  last_failure        text,
  primary key (tenant_id, provider_id, day),
  foreign key (tenant_id, provider_id) references translation_provider (tenant_id, id) on delete cascade
);
select protect_tenant_table('provider_usage');

-- A word or name that is always translated in the same way, or never.
create table glossary_term (
  tenant_id         uuid not null,
  id                uuid not null,
  -- BCP 47.
  source_locale     text not null,
  target_locale     text not null,
  source            text not null,
  -- Null: it is not translated.
  target            text,
  is_case_sensitive boolean not null,
  version           integer not null,
  updated_at        timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, source_locale, target_locale, source)
);
select protect_tenant_table('glossary_term');

-- Sentences with their translations. Numbers, names of orders and addresses are placeholders in both texts.
create table tm_unit (
  tenant_id       uuid not null,
  id              uuid not null,
  -- The language, for Chinese with its script.
  source_language text not null,
  target_language text not null,
  source_hash     bytea not null,
  source          text not null,
  target          text not null,
  -- A person has approved it: it may be used without being looked at.
  is_approved     boolean not null,
  origin          text not null check (origin in ('edit', 'import')),
  -- The conversation that the words come from: they are erased with its buyer.
  conversation_id uuid,
  changed_at      timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, source_language, target_language, source_hash)
);
create index tm_unit_by_conversation on tm_unit (tenant_id, conversation_id) where conversation_id is not null;
select protect_tenant_table('tm_unit');

-- Parts of the sources, to find sentences that are nearly the same.
create table tm_gram (
  tenant_id       uuid not null,
  source_language text not null,
  target_language text not null,
  gram            integer not null,
  unit_id         uuid not null,
  primary key (tenant_id, source_language, target_language, gram, unit_id),
  foreign key (tenant_id, unit_id) references tm_unit (tenant_id, id) on delete cascade
);
create index tm_gram_by_unit on tm_gram (tenant_id, unit_id);
select protect_tenant_table('tm_gram');

-- The translation of a reply before it is sent: proposed, edited, approved.
create table translation_draft (
  tenant_id       uuid not null,
  id              uuid not null,
  conversation_id uuid not null,
  source_locale   text not null,
  target_locale   text not null,
  source          text not null,
  -- Null: nothing that may be shown was found.
  target          text,
  state           text not null check (state in ('translated', 'doubtful', 'not-needed', 'none')),
  -- What translated it, by kind; null for none.
  engine          text,
  -- [{ "code", "isError", "part" }]
  findings        jsonb not null,
  -- [{ "provider", "failure" }]
  attempts        jsonb not null,
  created_at      timestamptz not null,
  approved_text   text,
  approved_at     timestamptz,
  -- The share of the text that the person changed, 0 to 1.
  edit_distance   double precision check (edit_distance between 0 and 1),
  -- The message that was sent with the approved text; null before.
  message_id      uuid,
  version         integer not null,
  primary key (tenant_id, id)
);
create index translation_draft_by_message on translation_draft (tenant_id, message_id) where message_id is not null;
create index translation_draft_by_conversation on translation_draft (tenant_id, conversation_id, created_at);
select protect_tenant_table('translation_draft');

-- For the language of a conversation.
create index message_analysis_by_conversation on message_analysis (tenant_id, conversation_id, message_id);

-- Into which language a workspace has messages of buyers translated.
create table translation_setting (
  tenant_id     uuid not null,
  -- BCP 47.
  target_locale text not null,
  mode          text not null check (mode in ('off', 'on-demand', 'automatic')),
  version       integer not null,
  changed_at    timestamptz not null,
  primary key (tenant_id)
);
select protect_tenant_table('translation_setting');

-- The translations of the buyers' messages, with the work that is due.
create table message_translation (
  tenant_id       uuid not null,
  message_id      uuid not null,
  target_locale   text not null,
  conversation_id uuid not null,
  source_locale   text not null,
  -- The words of the message; empty once they are erased.
  source          text not null,
  target          text,
  -- waiting: for a person who asks for it; queued: for an engine.
  state           text not null check (state in (
    'waiting', 'queued', 'translated', 'doubtful', 'not-needed', 'none')),
  engine          text,
  findings        jsonb not null,
  tries           integer not null,
  -- When it is tried, or tried again; null: nothing is due.
  due_at          timestamptz,
  changed_at      timestamptz not null,
  primary key (tenant_id, message_id, target_locale)
) partition by range (message_id);
create table message_translation_default partition of message_translation default;
create index message_translation_due on message_translation (due_at) where due_at is not null;
create index message_translation_by_conversation on message_translation (tenant_id, conversation_id);
select protect_tenant_table('message_translation');
