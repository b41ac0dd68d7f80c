-- The other teams of the chain: whoever of them has room takes what nobody of its own team can take.
alter table queue_entry add column spare_team_ids uuid[] not null default '{}';
create index queue_entry_spare on queue_entry (tenant_id, order_at, conversation_id) where spare_team_ids <> '{}';
-- Nobody is given more than they can take, unless the workspace wants buyers to stay with whom they know.
alter table routing add column sticky_capacity_percent integer not null default 100
  check (sticky_capacity_percent between 100 and 200);

-- Their role was changed: what they have of stores that it does not include goes to others.
alter table agent_duty add column is_handing_over_stores boolean not null default false;
create index agent_duty_narrowed on agent_duty (tenant_id) where is_handing_over_stores;
alter table queue_entry drop constraint queue_entry_reason_check;
alter table queue_entry add constraint queue_entry_reason_check check (reason in
  ('new', 'declined', 'not-opened', 'shift-ended', 'rebalanced', 'handed-over', 'role-changed'));

-- Who did what somebody is told of, and the note that says it.
alter table notification add column actor_id uuid, add column note_id uuid;
