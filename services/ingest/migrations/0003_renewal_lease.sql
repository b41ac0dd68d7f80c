-- Who renews the token of an account now. It is written before the platform is asked, so that one asks at a time without
-- holding a connection, and a renewal that was cut off is known for what it is.
alter table channel_account add column renewal_id uuid;
alter table channel_account add column renewing_until timestamptz;
