-- The millisecond of the ids that the latest messages of the thread got: those of the next get a later one, whatever the
-- clock of the process that records them says.
alter table thread add column last_id_ms bigint not null default 0;
