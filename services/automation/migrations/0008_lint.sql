-- Rules of platforms that a workspace lets pass with a warning, as the conversation service tells it.

create table lint_setting (
  tenant_id uuid not null primary key,
  lowered   jsonb not null,
  version   integer not null
);
select protect_tenant_table('lint_setting');
