-- Messages of a time that are understood again with the present model.
create table reprocessing (
  tenant_id     uuid not null,
  id            uuid not null,
  from_at       timestamptz not null,
  to_at         timestamptz not null,
  state         text not null check (state in ('running', 'done', 'failed')),
  -- How many messages were read so far, and for how many the answer is another one.
  messages      integer not null,
  revised       integer not null,
  -- All messages up to this one are done.
  after_message uuid not null,
  tries         integer not null,
  -- When it is worked on, or again if its worker died; null: it is over.
  due_at        timestamptz,
  requested_at  timestamptz not null,
  finished_at   timestamptz,
  primary key (tenant_id, id),
  check ((state = 'running') = (due_at is not null)),
  check ((state = 'running') = (finished_at is null))
);
create index reprocessing_due on reprocessing (due_at) where due_at is not null;
select protect_tenant_table('reprocessing');
