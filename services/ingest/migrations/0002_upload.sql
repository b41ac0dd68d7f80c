-- Files that people send. The row is there before the bytes, which the media store keeps under its id: whatever a process
-- that ended halfway left behind is overwritten or removed by its row. Messages and notes that have the file refer to it
-- in media.
create table upload (
  tenant_id       uuid not null,
  id              uuid not null,
  purpose         text not null check (purpose in ('reply', 'note')),
  -- As the person named it; once it is ready, with an extension of its type.
  file_name       text not null,
  -- As announced. Other lengths are not accepted.
  bytes           integer not null,
  state           text not null default 'waiting' check (state in ('waiting', 'storing', 'ready', 'refused', 'dropping')),
  refusal         text check (refusal in ('TYPE_NOT_ALLOWED', 'UNSAFE')),
  refusal_message text,
  kind            text check (kind in ('image', 'video', 'audio', 'file')),
  mime_type       text,
  width           integer,
  height          integer,
  duration_ms     integer,
  -- Null when there is no thumbnail.
  thumbnail_type  text,
  sha256          bytea,
  created_at      timestamptz not null,
  -- Counts the requests that bring the bytes and identifies the latest one.
  claims          integer not null default 0,
  leased_until    timestamptz,
  -- When it is dropped unless a message or note has it; null while one has it.
  due_at          timestamptz,
  primary key (tenant_id, id)
);
create index upload_due on upload (due_at) where due_at is not null;
select protect_tenant_table('upload');

-- The uploaded file of a message or note: its bytes are those of the upload.
alter table media add column upload_id uuid, add column note_id uuid;
create index media_upload on media (tenant_id, upload_id) where upload_id is not null;
create index media_note on media (tenant_id, note_id) where note_id is not null;
