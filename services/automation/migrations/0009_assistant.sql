-- The assistant: a model that a workspace has connected, what it used, and what it wrote for people.

create table assistant (
  tenant_id            uuid not null,
  id                   uuid not null,
  base_url             text not null,
  model                text not null,
  -- Null for a model without a key.
  sealed_key           bytea,
  -- What it may be used for.
  purposes             text[] not null,
  -- Limits of a calendar month (UTC); at least one of the two.
  tokens_per_month_max integer check (tokens_per_month_max > 0),
  cost_per_month_max   double precision check (cost_per_month_max > 0),
  -- ISO 4217, and what a million tokens cost; null: the price is not known, and no cost is shown.
  currency             text,
  input_price          double precision check (input_price >= 0),
  output_price         double precision check (output_price >= 0),
  -- The month (2026-11) in which it was announced that the budget is nearly used up.
  alarmed_month        text,
  -- Messages up to this one were looked at for wishes that the built-in analysis is not certain of; and when to look again,
  -- null: never.
  classified_to        uuid not null,
  classify_due_at      timestamptz,
  version              integer not null,
  -- Numbers its events.
  event_version        integer not null,
  connected_at         timestamptz not null,
  primary key (tenant_id),
  check (tokens_per_month_max is not null or cost_per_month_max is not null),
  check ((currency is null) = (input_price is null) and (currency is null) = (output_price is null)),
  check (cost_per_month_max is null or currency is not null)
);
create index assistant_classify_due on assistant (classify_due_at) where classify_due_at is not null;
select protect_tenant_table('assistant');

-- What the assistant used on a day (UTC) for a purpose. The most a call may use is reserved before it, and settled after it.
-- Rows stay when the assistant is disconnected: the month goes on.
create table assistant_usage (
  tenant_id       uuid not null,
  day             date not null,
  purpose         text not null check (purpose in ('test', 'draft', 'summary', 'classify', 'translate')),
  reserved_tokens integer not null default 0,
  -- Millionths of the currency.
  reserved_micros bigint not null default 0,
  input_tokens    integer not null default 0,
  output_tokens   integer not null default 0,
  cost_micros     bigint not null default 0,
  calls           integer not null default 0,
  failures        integer not null default 0,
  last_failure    text,
  primary key (tenant_id, day, purpose)
);
select protect_tenant_table('assistant_usage');

-- Drafts of replies that people asked for. None is sent by this service.
create table reply_draft (
  tenant_id       uuid not null,
  id              uuid not null,
  conversation_id uuid not null,
  -- The last message that it takes into account.
  message_id      uuid not null,
  -- What the person wanted; null: an answer.
  instruction     text,
  -- BCP 47.
  locale          text not null,
  -- Null: there is none, or none that may be shown.
  text            text,
  -- failed: the assistant gave nothing; refused: what it gave may not be shown.
  state           text not null check (state in ('writing', 'written', 'doubtful', 'refused', 'failed')),
  failure         text,
  -- What the assistant would have a person do besides.
  action          text not null,
  -- [{ "articleId", "version", "title" }]
  citations       jsonb not null,
  -- [{ "code", "isError", "part" }]
  findings        jsonb not null,
  -- The model and the version of the prompt; null if it was not asked.
  model           text,
  prompt          text not null,
  created_at      timestamptz not null,
  primary key (tenant_id, id),
  check ((text is null) = (state not in ('written', 'doubtful'))),
  check ((failure is null) = (state <> 'failed'))
);
create index reply_draft_by_conversation on reply_draft (tenant_id, conversation_id, created_at);
create index reply_draft_by_age on reply_draft (created_at);
select protect_tenant_table('reply_draft');

-- The last summary of a conversation in a language.
create table conversation_summary (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  -- BCP 47.
  locale          text not null,
  -- The last message that it takes into account.
  message_id      uuid not null,
  -- Null: there is none, or none that may be shown.
  text            text,
  state           text not null check (state in ('writing', 'written', 'refused', 'failed')),
  failure         text,
  model           text,
  prompt          text not null,
  begun_at        timestamptz not null,
  primary key (tenant_id, conversation_id, locale),
  check ((text is not null) = (state = 'written')),
  check ((failure is not null) = (state = 'failed'))
);
create index conversation_summary_by_age on conversation_summary (begun_at);
select protect_tenant_table('conversation_summary');
