-- How often an account is asked for what is new; null: as often as the installation is configured.
alter table channel_account add column sync_every_seconds integer check (sync_every_seconds > 0);

-- Messages that only the list brought, although the platform pushes (ADR 0086).
alter table sync_cursor add column missed_count bigint not null default 0;
alter table sync_cursor add column last_missed_at timestamptz;
