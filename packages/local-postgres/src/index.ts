import { freePorts } from '@crossdesk/local-machine';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { clusterBytes, openCluster, otherDisk, passwordIn } from './cluster.ts';
import { damaged, diskFull, freeBytes, LocalPostgresError } from './errors.ts';
import { hasOwner, ownServer } from './owner.ts';
import { findPrograms, lastLine, type Programs, run } from './programs.ts';
import { serverUser } from './server-user.ts';

export { LocalPostgresError } from './errors.ts';

export interface LocalPostgresOptions {
  /** Folder of the cluster; created if it does not exist. */
  readonly directory: string;
  /** Server settings beyond the defaults of this package. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface LocalPostgres {
  /** Administrator's address without a database name; append one. */
  urlOf(database: string): string;
  /** Whether it was already running: then other processes may use it. */
  readonly wasRunning: boolean;
  /**
   * The real folders of the cluster and its password: elsewhere when root starts it in a folder that only root may
   * enter.
   */
  readonly home: string;
  /** Ends running transactions and writes everything to disk; `immediate` ends it like a crash of the machine. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** Ends it immediately, and removes its data and the given folder. */
  remove(): Promise<void>;
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

/** Time limit for a server on the folder to answer, or to end after its owner has gone. */
const takeOverMs = 10_000;
/** With less free space a server cannot even write its log. */
const fullBelowBytes = 1_000_000;

interface Server {
  readonly pid: number;
  readonly port: number;
  /** Whether another process started it. */
  readonly wasRunning: boolean;
  /** Its owner is gone. */
  release(): void;
}

/**
 * Starts Postgres 18 on a data folder and a free port of the loopback address; it ends with this process, however that
 * ends. If another process runs a server on the same folder, that server is used as long as that process lives.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const programs = findPrograms(serverUser(join(directory, 'postgres')));
  const home = openCluster(programs, directory);
  const data = join(home, 'postgres');
  const password = passwordIn(home);
  const server = (await runningOn(programs, home)) ?? (await start(programs, home, options.settings ?? {}));
  const stop = (mode: 'fast' | 'immediate' = 'fast') => end(programs, data, server, mode);
  return {
    wasRunning: server.wasRunning,
    home,
    urlOf: (database) => `postgres://postgres:${password}@127.0.0.1:${server.port}/${database}`,
    stop,
    remove: async () => {
      await stop('immediate');
      for (const folder of [home, directory]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The server that already runs on the folder; null if none runs. Waits for one that is starting or ending; ends one
 * whose owner has gone and that nothing else ends.
 */
async function runningOn(programs: Programs, home: string): Promise<Server | null> {
  const data = join(home, 'postgres');
  const endsAt = performance.now() + takeOverMs;
  for (;;) {
    if (run(programs, 'pg_ctl', ['status', '-D', data]).status !== 0) return null;
    const [pid, , , port, , , , state = ''] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const found = { pid: Number(pid), port: Number(port), wasRunning: true, release: () => undefined };
    const isOwned = hasOwner(home);
    if (isOwned && state.trim() === 'ready' && (await answers(found.port))) return found;
    if (performance.now() > endsAt) {
      if (isOwned) {
        throw new LocalPostgresError(
          `the server with process id ${pid} holds ${data} but does not answer: end that process`,
        );
      }
      await end(programs, data, found, 'fast');
      return null;
    }
    await pause(100);
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

async function start(programs: Programs, home: string, settings: Readonly<Record<string, string>>): Promise<Server> {
  const data = join(home, 'postgres');
  const [port = 0] = await freePorts(1);
  const { confirm, release } = ownServer(home, programs.user);
  const log = join(data, 'server.log');
  const flags = Object.entries({ ...defaultSettings, ...settings }).map(([name, value]) => `-c ${name}='${value}'`);
  const serverOptions = `-p ${port} ${flags.join(' ')}`;
  const { status } = run(programs, 'pg_ctl', ['start', '-D', data, '-l', log, '-w', '-t', '60', '-o', serverOptions]);
  // Another process that started one at the same moment may have been faster.
  const running = await runningOn(programs, home);
  if (running !== null && status === 0) {
    confirm();
    return { ...running, wasRunning: false, release };
  }
  release();
  if (running !== null) return running;
  if (freeBytes(data) < fullBelowBytes) throw diskFull(data, 'a database', clusterBytes, otherDisk);
  throw damaged(data, existsSync(log) ? lastComplaint(readFileSync(log, 'utf8')) : 'no log');
}

/** That it shut down, which the log says last, is no reason. */
function lastComplaint(log: string): string {
  const lines = log.split('\n').filter((line) => !line.includes('database system is shut down'));
  return lastLine(lines.join('\n'));
}

async function end(programs: Programs, data: string, server: Server, mode: 'fast' | 'immediate'): Promise<void> {
  await shutDown(programs, data, server.pid, mode);
  server.release();
}

async function shutDown(programs: Programs, data: string, pid: number, mode: 'fast' | 'immediate'): Promise<void> {
  const { status } = run(programs, 'pg_ctl', ['stop', '-D', data, '-m', mode, '-w', '-t', '30']);
  if (status !== null) return;
  // The programs are gone because their checkout was deleted while the server ran.
  try {
    for (process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT'); ; process.kill(pid, 0)) await pause(50);
  } catch (error) {
    // It has ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
