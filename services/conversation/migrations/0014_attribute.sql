-- Marks that automation derives and people judge, and properties that a workspace defines for its conversations.

alter table conversation
  -- What was derived and what people say (marks.domain.ts); null: nothing.
  add column marks        jsonb,
  -- Whether the marks stand.
  add column is_complaint boolean not null default false,
  add column is_risk      boolean not null default false;
create index conversation_complaint on conversation (tenant_id, last_message_at desc, id desc) where is_complaint;
create index conversation_risk on conversation (tenant_id, last_message_at desc, id desc) where is_risk;

-- What a workspace knows about conversations beyond the product.
create table attribute_definition (
  tenant_id     uuid not null,
  -- What the audit chain names.
  id            uuid not null,
  -- For programs and conditions; it never changes.
  key           text not null,
  label_zh      text not null,
  label_en      text not null,
  type          text not null check (type in ('text', 'number', 'boolean', 'date', 'choice', 'link')),
  -- For a choice: {"key", "labelZh", "labelEn", "isArchived"}.
  choices       jsonb not null,
  -- Whether conditions of views may ask about it.
  is_filterable boolean not null,
  is_archived   boolean not null default false,
  version       integer not null,
  created_at    timestamptz not null,
  primary key (tenant_id, key),
  unique (tenant_id, id)
);
select protect_tenant_table('attribute_definition');

-- Each type has a column whose comparisons are leakproof, so that its index serves callers with limits too.
create table attribute_value (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  key             text not null,
  -- Texts, links, choices, and true or false.
  text_value      text,
  number_value    double precision,
  date_value      date,
  primary key (tenant_id, conversation_id, key),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id),
  foreign key (tenant_id, key) references attribute_definition (tenant_id, key),
  check (num_nonnulls(text_value, number_value, date_value) = 1)
);
create index attribute_value_text on attribute_value (tenant_id, key, text_value, conversation_id)
  where text_value is not null;
create index attribute_value_number on attribute_value (tenant_id, key, number_value, conversation_id)
  where number_value is not null;
create index attribute_value_date on attribute_value (tenant_id, key, date_value, conversation_id)
  where date_value is not null;
select protect_tenant_table('attribute_value');
