import { startLocalPostgres } from '@crossdesk/local-postgres';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';

/** The result of a start, printed as one line. */
export interface Tried {
  readonly home: string;
  /** The user the server ran as. */
  readonly uid: number;
  /** The number of starts on this data folder, including this one: each adds a row. */
  readonly starts: number;
  /** Whether the server has ended. */
  readonly hasEnded: boolean;
}

/** The data folder, a command to run while the server is in use, and a command to run before it is stopped. */
const [directory = '', between = 'true', atLast = 'true'] = process.argv.slice(2);

/**
 * A PL/pgSQL block makes the server load a library, and a full text search makes it read a file. Two processes take turns:
 * `create table if not exists` fails when both create it.
 */
const statements = `
  select pg_advisory_xact_lock(1);
  create table if not exists start ();
  insert into start default values;
  do $$ begin perform to_tsvector('english', 'parcels'); end $$`;

async function count(url: string, prepare: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(prepare);
    const { rows } = await client.query<{ starts: number }>('select count(*)::int as starts from start');
    return rows[0]?.starts ?? 0;
  } finally {
    await client.end();
  }
}

function shell(command: string): void {
  execFileSync('/bin/sh', ['-euc', command], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Waits a little: a server removes its pid file a moment before it ends. */
async function hasEnded(pid: number): Promise<boolean> {
  for (let look = 0; look < 100; look += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await setTimeout(50);
  }
  return false;
}

try {
  const server = await startLocalPostgres({ directory, settings: { shared_buffers: '16MB', fsync: 'off' } });
  const pid = Number(readFileSync(join(server.home, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
  const { uid } = statSync(`/proc/${pid}`);
  await count(server.urlOf('postgres'), statements);
  shell(between);
  const starts = await count(server.urlOf('postgres'), '');
  shell(atLast);
  await server.stop();
  const tried: Tried = { home: server.home, uid, starts, hasEnded: await hasEnded(pid) };
  console.log(JSON.stringify(tried));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
