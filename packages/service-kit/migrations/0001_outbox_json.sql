-- The event history is written and published as text, and hardly ever looked into: json keeps the text as it is, where
-- jsonb takes it apart at the insert and puts it together again for the relay.
alter table outbox_event alter column envelope type json;
