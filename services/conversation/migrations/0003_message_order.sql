-- Messages of one instant stand as the platform counts them; where it does not count, in the order of their recording.
alter table message add column thread_position numeric not null default 0;
-- The owner of a table sees no row of it while its row-level security is forced.
alter table message no force row level security;
update message set thread_position = sequence::numeric where sequence ~ '^[0-9]{1,100}$';
alter table message force row level security;
alter table message drop column sequence;
drop index message_of_conversation;
create index message_of_conversation on message (tenant_id, conversation_id, occurred_at desc, thread_position desc, id desc);
