-- The sender works long after the event that asked for the reply: its trace waits here.
alter table delivery_intent add column traceparent text;
