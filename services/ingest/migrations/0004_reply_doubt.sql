-- An earlier attempt may have reached the buyer, whatever became of the later ones.
alter table delivery_intent add column is_doubted boolean not null default false;
