-- What a buyer said that a case is about: feedback has one case at a time (ADR 0101).
create table case_feedback (
  tenant_id   uuid not null,
  feedback_id uuid not null,
  case_id     uuid not null,
  primary key (tenant_id, feedback_id),
  foreign key (tenant_id, case_id) references after_sales_case (tenant_id, id)
);
create index case_feedback_case on case_feedback (tenant_id, case_id);
select protect_tenant_table('case_feedback');
select scope_table('case_feedback', 'exists (
  select from after_sales_case seen where seen.tenant_id = case_feedback.tenant_id and seen.id = case_feedback.case_id)');
