-- `version` numbers the events of an agent and guards his changes. Access tokens carry the epoch they were made in: raising
-- it ends them all.
alter table agent add column version integer not null default 1;
alter table agent add column token_epoch integer not null default 0;
