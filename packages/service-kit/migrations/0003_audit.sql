-- Who did what through the API, for each tenant a chain of hashes: no entry can be changed, taken out or put in unseen.
-- No login role may update or delete an entry (migrate.ts grants it). Ids only: no text, name or address of anybody.
create table audit_entry (
  tenant_id     uuid not null,
  -- From 1 on, without a gap.
  seq           bigint not null,
  at            timestamptz not null,
  actor_kind    text not null check (actor_kind in ('agent', 'api-token')),
  actor_id      uuid not null,
  -- The name of the mutation.
  action        text not null,
  -- What it was done to; null where that has no id of ours.
  target_id     uuid,
  previous_hash bytea not null,
  hash          bytea not null,
  primary key (tenant_id, seq)
);
select protect_tenant_table('audit_entry');

-- The last entry of each chain: locked while one is added, and what shows that the end is missing.
create table audit_head (
  tenant_id uuid not null primary key,
  seq       bigint not null,
  hash      bytea not null
) with (fillfactor = 50);
select protect_tenant_table('audit_head');
