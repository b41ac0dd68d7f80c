-- Whether it was told where the platform puts the reply in its thread: the answer, an echo or a receipt tells it, once counts.
alter table delivery_intent add column is_placed boolean not null default false;
