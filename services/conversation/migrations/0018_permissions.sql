-- What a custom role withholds, whatever the built-in role allows.
alter table access_role add column withheld text[] not null default '{}';
