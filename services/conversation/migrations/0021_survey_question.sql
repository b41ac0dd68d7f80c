-- The survey that was sent last on a thread: a bare number that follows is its answer, and no new work (ADR 0107).
create table survey_question (
  tenant_id   uuid not null,
  thread_id   uuid not null,
  decision_id uuid not null,
  message_id  uuid not null,
  asked_at    timestamptz not null,
  primary key (tenant_id, thread_id)
);
select protect_tenant_table('survey_question');
select scope_table('survey_question', unlimited());
