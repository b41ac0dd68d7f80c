-- Many conversations, one action; several actions, one conversation.

create table bulk_job (
  tenant_id    uuid not null,
  id           uuid not null,
  -- work-action.domain.ts
  action       jsonb not null,
  -- draft: what it would do is being found out.
  state        text not null check (state in ('draft', 'ready', 'running', 'paused', 'done', 'cancelled')),
  -- Who asked for it: everything is done in their name.
  agent_id     uuid not null,
  target_count integer not null,
  -- The item to go on with: in a draft the next one to try, later the next one to do.
  next_seq     integer not null,
  -- How many items, by outcome and code: what was tried, and what was done.
  expected     jsonb not null,
  settled      jsonb not null,
  -- Why it was cancelled by itself.
  problem      text,
  -- The end of the lease of the process that works on it; null: nothing to do now.
  due_at       timestamptz,
  created_at   timestamptz not null,
  started_at   timestamptz,
  finished_at  timestamptz,
  -- Numbers its events.
  version      integer not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, agent_id) references agent (tenant_id, id),
  check ((state in ('draft', 'running')) = (due_at is not null))
);
create index bulk_job_due on bulk_job (due_at) where due_at is not null;
create index bulk_job_finished on bulk_job (finished_at) where finished_at is not null;
select protect_tenant_table('bulk_job');
-- Its totals and texts tell of all stores that it reached: somebody with a limited role sees their own jobs only.
select scope_table('bulk_job', 'agent_id = (select nullif(current_setting(''app.agent_id'', true), '''')::uuid)');

-- The targets of a job, written down before anything is done.
create table bulk_item (
  tenant_id       uuid not null,
  job_id          uuid not null,
  seq             integer not null,
  conversation_id uuid not null,
  -- What trying it showed; null before.
  expected        text check (expected in ('done', 'unchanged', 'refused')),
  expected_code   text,
  -- What became of it; null before.
  outcome         text check (outcome in ('done', 'unchanged', 'refused')),
  code            text,
  primary key (tenant_id, job_id, seq),
  foreign key (tenant_id, job_id) references bulk_job (tenant_id, id) on delete cascade
);
select protect_tenant_table('bulk_item');

create table macro (
  tenant_id  uuid not null,
  id         uuid not null,
  name       text not null,
  -- own: its owner runs it; all: everybody.
  scope      text not null check (scope in ('own', 'all')),
  owner_id   uuid not null,
  -- A list of what work-action.domain.ts describes.
  actions    jsonb not null,
  version    integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, owner_id) references agent (tenant_id, id)
);
create index macro_by_name on macro (tenant_id, name, id);
select protect_tenant_table('macro');

-- Each use of a macro.
create table macro_run (
  tenant_id       uuid not null,
  id              uuid not null,
  macro_id        uuid not null,
  conversation_id uuid not null,
  agent_id        uuid not null,
  ran_at          timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, macro_id) references macro (tenant_id, id) on delete cascade
);
create index macro_run_of on macro_run (tenant_id, macro_id, ran_at);
create index macro_run_by_time on macro_run (ran_at);
select protect_tenant_table('macro_run');
