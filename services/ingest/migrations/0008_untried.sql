-- Attempts that count as no try: given back before the call, or refused because the account has to wait.
alter table delivery_intent add column untried integer not null default 0;
