-- Buyers are asked how satisfied they are when their conversation is handled (ADR 0107).

alter table outreach drop constraint outreach_kind_check;
alter table outreach add constraint outreach_kind_check check (kind in ('stage-notice', 'campaign', 'survey'));

create table survey_policy (
  tenant_id          uuid not null,
  id                 uuid not null,
  -- Chosen by the workspace.
  key                text not null,
  -- Only these stores; empty: every store that no other policy names.
  account_ids        uuid[] not null,
  -- By locale and channel; empty: the texts in the code.
  texts              jsonb not null,
  is_on              boolean not null,
  -- Conversations that were handled before are not asked about.
  on_since           timestamptz not null,
  delay_minutes      integer not null check (delay_minutes between 1 and 10080),
  mail_delay_minutes integer not null check (mail_delay_minutes between 1 and 10080),
  version            integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, key)
);
select protect_tenant_table('survey_policy');
select scope_table('survey_policy', unlimited());

-- Whether something is owed in a conversation, as far as surveys follow it, and what is planned for it.
create table survey_round (
  tenant_id       uuid not null,
  conversation_id uuid not null,
  account_id      uuid not null,
  cycle           integer not null,
  is_open         boolean not null,
  -- Of the survey of this cycle; null: none was planned.
  subject         text,
  primary key (tenant_id, conversation_id)
);
select protect_tenant_table('survey_round');
select scope_table('survey_round', in_stores('account_id'));

-- A question that was sent, and its answer. The id is that of the decision. It names no one but a profile.
create table survey (
  tenant_id       uuid not null,
  id              uuid not null,
  policy_id       uuid not null,
  conversation_id uuid not null,
  cycle           integer not null,
  account_id      uuid not null,
  profile_id      uuid not null,
  sent_at         timestamptz not null,
  score           integer check (score between 1 and 5),
  answered_at     timestamptz,
  version         integer not null,
  primary key (tenant_id, id),
  check ((score is null) = (answered_at is null))
);
create index survey_of_policy on survey (policy_id, tenant_id, sent_at);
create index survey_profile on survey (profile_id, tenant_id);
select protect_tenant_table('survey');
select scope_table('survey', in_stores('account_id'));
