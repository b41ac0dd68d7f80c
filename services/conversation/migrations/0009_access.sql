-- Custom roles: what a role of a workspace limits. Without one, people may do and see what their role says.
create table access_role (
  tenant_id uuid not null,
  id        uuid not null,
  name      text not null,
  -- The stores (channel accounts) that it includes; null: all.
  store_ids uuid[],
  reach     text not null check (reach in ('all', 'teams', 'own')),
  version   integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select protect_tenant_table('access_role');

alter table agent add column access_role_id uuid;
alter table agent add foreign key (tenant_id, access_role_id) references access_role (tenant_id, id);
create index agent_of_access_role on agent (tenant_id, access_role_id) where access_role_id is not null;

-- What the rest of the service is limited to: a table with a conversation_id shows what belongs to a conversation that
-- the caller sees (scope_tenant_tables).
select scope_table('conversation', in_stores('account_id') || ' and ' || in_reach('assignee_id', 'team_id'));
comment on policy own_scope on conversation is 'id';
