-- `version` numbers the events of a conversation, `revision` guards what people overwrite: ADR 0014.
alter table conversation add column revision integer not null default 0;
update conversation set revision = version;
