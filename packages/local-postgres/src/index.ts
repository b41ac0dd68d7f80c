import getPort from 'get-port';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Binaries, findBinaries } from './binaries.ts';

export interface LocalPostgresOptions {
  /** Where the cluster lies; made when it is not there yet. */
  readonly directory: string;
  /** Server settings beyond the defaults of this package. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface LocalPostgres {
  /** Administrator's address without a database name; append one. */
  urlOf(database: string): string;
  /** Whether it ran already when it was asked for: then others may be at work with it. */
  readonly wasRunning: boolean;
  /** Ends running transactions and writes everything down; `immediate` ends it as a crash of the machine would. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/** Thrown when the server cannot be started; the message is one line that says what to do. */
export class LocalPostgresError extends Error {
  override name = 'LocalPostgresError';
}

const defaultSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off',
};

/** How long a server on the folder may take to answer: one that recovers from a crash listens from the start. */
const takeOverMs = 10_000;

/**
 * Starts Postgres 18 on a data folder and a free port of the loopback address. A server that a killed process left
 * running on the same folder is taken over.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const binaries = findBinaries();
  const data = join(options.directory, 'postgres');
  mkdirSync(options.directory, { recursive: true });
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(binaries, data, options.directory);
  const passwordFile = join(options.directory, 'postgres-password');
  if (!existsSync(passwordFile)) throw damaged(data, 'its password file is missing');
  const password = readFileSync(passwordFile, 'utf8').trim();
  const runningAt = await runningPort(binaries, data);
  const port = runningAt ?? (await start(binaries, data, options));
  return {
    wasRunning: runningAt !== null,
    urlOf: (database) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    stop: async (mode = 'fast') => {
      run(binaries, 'pg_ctl', ['stop', '-D', data, '-m', mode, '-w', '-t', '30']);
    },
  };
}

function initialise(binaries: Binaries, data: string, directory: string): void {
  if (existsSync(data)) throw damaged(data, 'it has no PG_VERSION');
  const password = crypto.randomUUID();
  mkdirSync(data);
  const passwordFile = join(directory, 'postgres-password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (binaries.user !== null) {
    chownSync(data, binaries.user.uid, binaries.user.gid);
    chownSync(passwordFile, binaries.user.uid, binaries.user.gid);
  }
  // C.UTF-8 sorts by code point on every machine and knows which characters are letters in every script.
  const { status, output } = run(binaries, 'initdb', [
    ...['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-instructions'],
  ]);
  if (status !== 0) throw new LocalPostgresError(`cannot create the database in ${data}: ${lastLine(output)}`);
}

/** The port of a server that already runs on the folder; null when none does. One that is just dying is waited for. */
async function runningPort(binaries: Binaries, data: string): Promise<number | null> {
  const endsAt = performance.now() + takeOverMs;
  for (;;) {
    if (run(binaries, 'pg_ctl', ['status', '-D', data]).status !== 0) return null;
    const [pid, , , port] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    if (port !== undefined && (await answers(Number(port)))) return Number(port);
    if (performance.now() > endsAt) {
      throw new LocalPostgresError(
        `the server with process id ${pid} holds ${data} but does not answer: end that process`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    const end = (isAnswered: boolean) => () => {
      socket.destroy();
      resolve(isAnswered);
    };
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false));
  });
}

async function start(binaries: Binaries, data: string, { settings }: LocalPostgresOptions): Promise<number> {
  // Below what systems lend to outgoing connections: the port stays ours while a server restarts.
  const port = await getPort({ port: Array.from({ length: 20 }, () => randomInt(10_000, 32_768)) });
  const log = join(data, 'server.log');
  const flags = Object.entries({ ...defaultSettings, ...settings }).map(([name, value]) => `-c ${name}='${value}'`);
  const { status } = run(binaries, 'pg_ctl', [
    'start',
    '-D',
    data,
    '-l',
    log,
    '-w',
    '-t',
    '60',
    '-o',
    `-p ${port} ${flags.join(' ')}`,
  ]);
  if (status === 0) return port;
  const reason = existsSync(log)
    ? lastLine(readFileSync(log, 'utf8').replaceAll(/^.*database system is shut down.*$/gm, ''))
    : 'no log';
  throw damaged(data, reason);
}

function damaged(data: string, reason: string): LocalPostgresError {
  return new LocalPostgresError(
    `the data folder ${data} cannot be used (${reason}): restore it from a backup, or move it away to begin anew`,
  );
}

function run(
  { directory, user }: Binaries,
  program: string,
  args: string[],
): { status: number | null; output: string } {
  // Inherited pipes would keep this call waiting for as long as the server runs.
  const stdio: 'ignore' | 'pipe' = program === 'pg_ctl' ? 'ignore' : 'pipe';
  const result = spawnSync(join(directory, program), args, {
    encoding: 'utf8',
    cwd: '/',
    stdio: ['ignore', stdio, stdio],
    env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
    ...(user ?? {}),
  });
  return { status: result.status, output: `${result.stdout ?? ''}\n${result.stderr ?? ''}` };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
