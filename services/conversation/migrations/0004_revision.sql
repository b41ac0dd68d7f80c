-- `version` numbers the events of a conversation, `revision` guards what people overwrite: ADR 0014.
alter table conversation add column revision integer not null default 0;
-- The owner of a table sees no row of it while its row-level security is forced.
alter table conversation no force row level security;
update conversation set revision = version;
alter table conversation force row level security;
