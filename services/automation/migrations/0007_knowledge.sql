-- What a workspace knows, articles with everything they ever said; and what agents are offered as a reply.

create table article (
  tenant_id         uuid not null,
  id                uuid not null,
  -- Chosen by the workspace, for programs and for the next upsert; it never changes.
  key               text not null,
  state             text not null check (state in ('draft', 'published', 'archived')),
  -- The version whose words are in force; null if none is.
  published_version integer,
  -- The version with the last words.
  content_version   integer not null,
  -- Numbers the events of an article and detects conflicting changes.
  version           integer not null,
  -- The conversation that the words were drafted from; null if they were not.
  conversation_id   uuid,
  -- The dates that article-expiring was published for.
  told_review_by    timestamptz,
  told_valid_to     timestamptz,
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, key),
  check ((state = 'published') = (published_version is not null))
);
create index article_by_conversation on article (tenant_id, conversation_id) where conversation_id is not null;
select protect_tenant_table('article');
-- An article is for everybody, also one that was drafted from a conversation.
select scope_table('article', 'true');

-- What an article said from each change on, whole. Rows are never changed, except that they cease to be in force.
create table article_version (
  tenant_id             uuid not null,
  article_id            uuid not null,
  version               integer not null,
  change                text not null check (change in ('written', 'published', 'archived')),
  -- Who changed it; null: the system.
  agent_id              uuid,
  changed_at            timestamptz not null,
  in_force_from         timestamptz,
  -- Null while it is in force.
  in_force_to           timestamptz,
  type                  text not null check (type in (
    'faq', 'product', 'guide', 'troubleshooting', 'procedure', 'script', 'case', 'policy')),
  -- The title in the original language: articles are listed by it.
  title                 text not null,
  is_for_buyers         boolean not null,
  -- Null: for all channels.
  channel               text,
  -- ISO 3166-1; empty: for all markets.
  markets               text[] not null,
  -- Empty: about no product in particular.
  skus                  text[] not null,
  valid_from            timestamptz,
  valid_to              timestamptz,
  review_by             timestamptz,
  -- BCP 47.
  original_locale       text not null,
  -- [{ "locale", "title", "body", "questions", "intents", "version" }]: `version` wrote or checked the words.
  texts                 jsonb not null,
  has_stale_text        boolean not null,
  has_differing_numbers boolean not null,
  primary key (tenant_id, article_id, version),
  foreign key (tenant_id, article_id) references article (tenant_id, id)
);
create index article_version_in_force on article_version (tenant_id, article_id, in_force_from)
  where in_force_from is not null;
select protect_tenant_table('article_version');
create index article_by_change on article (tenant_id, updated_at);

-- What was asked and no article answers.
create table knowledge_gap (
  tenant_id      uuid not null,
  id             uuid not null,
  -- BCP 47: the language of the questions.
  language       text not null,
  asked_count    integer not null,
  first_asked_at timestamptz not null,
  last_asked_at  timestamptz not null,
  -- Null while it is open; then with the article that answers it, or with none if it needs none.
  settled_at     timestamptz,
  article_id     uuid,
  primary key (tenant_id, id),
  foreign key (tenant_id, article_id) references article (tenant_id, id)
);
create index knowledge_gap_by_count on knowledge_gap (tenant_id, asked_count desc, id desc);
create index knowledge_gap_by_time on knowledge_gap (tenant_id, language, last_asked_at);
select protect_tenant_table('knowledge_gap');

-- Different words of a gap, without numbers and addresses.
create table knowledge_gap_question (
  tenant_id       uuid not null,
  gap_id          uuid not null,
  id              uuid not null,
  text            text not null,
  -- The conversation that the words come from: they are erased with its buyer.
  conversation_id uuid,
  asked_at        timestamptz not null,
  primary key (tenant_id, gap_id, id),
  foreign key (tenant_id, gap_id) references knowledge_gap (tenant_id, id) on delete cascade
);
create index knowledge_gap_question_by_conversation on knowledge_gap_question (tenant_id, conversation_id)
  where conversation_id is not null;
select protect_tenant_table('knowledge_gap_question');
-- Whoever sees none of its questions does not see the gap.
select scope_table('knowledge_gap', 'exists (
  select from knowledge_gap_question q where q.tenant_id = knowledge_gap.tenant_id and q.gap_id = knowledge_gap.id)');

-- What an agent was offered as a reply, and what became of it.
create table suggestion (
  tenant_id       uuid not null,
  id              uuid not null,
  conversation_id uuid not null,
  -- The last message of the buyer that it answers.
  message_id      uuid not null,
  -- The template or the article that the words are from.
  source_kind     text not null check (source_kind in ('template', 'article')),
  source_id       uuid not null,
  -- The version of the article; null for templates.
  source_version  integer,
  -- BCP 47.
  locale          text not null,
  -- Empty once it is erased.
  text            text not null,
  -- What the buyer wanted for certain.
  intents         text[] not null,
  outcome         text check (outcome in ('used', 'edited', 'rejected')),
  settled_at      timestamptz,
  suggested_at    timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, message_id, source_kind, source_id, locale),
  check ((outcome is null) = (settled_at is null))
);
create index suggestion_of_conversation on suggestion (tenant_id, conversation_id, suggested_at);
create index suggestion_settled on suggestion (tenant_id, settled_at) where outcome in ('used', 'edited');
create index suggestion_by_time on suggestion (suggested_at);
select protect_tenant_table('suggestion');

-- How often the words of a template or an article were taken, for buyers who want something; '' for any intent.
create table suggestion_feedback (
  tenant_id   uuid not null,
  source_kind text not null,
  source_id   uuid not null,
  intent      text not null,
  used        integer not null,
  edited      integer not null,
  rejected    integer not null,
  primary key (tenant_id, source_kind, source_id, intent)
);
select protect_tenant_table('suggestion_feedback');
