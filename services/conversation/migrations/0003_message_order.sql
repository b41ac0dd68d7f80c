-- Messages of one instant stand as the platform counts them; where it does not count, in the order of their recording.
alter table message add column thread_position numeric not null default 0;
update message set thread_position = sequence::numeric where sequence ~ '^[0-9]{1,100}$';
alter table message drop column sequence;
drop index message_of_conversation;
create index message_of_conversation on message (tenant_id, conversation_id, occurred_at desc, thread_position desc, id desc);
