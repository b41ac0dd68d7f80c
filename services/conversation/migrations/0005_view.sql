-- Saved views of the inbox: conditions on conversations, of one person or of everybody.

create table view (
  tenant_id uuid not null,
  id        uuid not null,
  name      text not null,
  -- Null: everybody's.
  owner_id  uuid,
  -- Of a view that a new workspace has, as long as nobody has changed it: frontends show its name in their language.
  preset    text check (preset in ('mine', 'with-me', 'unassigned', 'waiting-longest', 'urgent')),
  condition jsonb not null,
  sorting   text not null check (sorting in ('LAST_MESSAGE_DESC', 'WAITING_LONGEST')),
  version   integer not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, owner_id) references agent (tenant_id, id)
);
create index view_of_owner on view (tenant_id, owner_id);
select protect_tenant_table('view');

-- In which order somebody wants to see the views; those that are not named come behind, by name.
create table view_order (
  tenant_id uuid not null,
  agent_id  uuid not null,
  view_ids  uuid[] not null,
  primary key (tenant_id, agent_id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id)
);
select protect_tenant_table('view_order');
