import { waitFor } from '@crossdesk/testkit/waiting';
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `start` as a separate process. */
export interface Child {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Resolves when it prints that it is ready; rejects when it ends before that. */
  readonly ready: Promise<void>;
  /** The setup code that an empty installation prints. */
  readonly setupCode: Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
}

const standaloneMain = join(import.meta.dirname, '../../src/main.ts');

/** Starts the process. It ends together with this process, because the channel between them closes. */
export function startChild(environment: Readonly<Record<string, string>>, main = standaloneMain): Child {
  const child = fork(main, ['--empty'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      // With the compile cache, as `pnpm start` has it.
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      // A busy machine may let a service wait longer than a person would.
      GATEWAY_SUBGRAPH_TIMEOUT_SECONDS: '120',
      ...environment,
    },
    execArgv: [],
  });
  let [stdout, stderr] = ['', ''];
  const ready = Promise.withResolvers<void>();
  const setupCode = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  for (const { promise } of [ready, setupCode]) promise.catch(() => undefined);
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (stdout.includes('Crossdesk is ready')) ready.resolve();
    // The pattern includes the character after the code, so that a code that is only partly printed does not match.
    const [, code] = /(?:setupCode: "|setup code )([\w-]+)["\n]/.exec(stdout) ?? [];
    if (code !== undefined) setupCode.resolve(code);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.on('close', (code, signal) => {
    for (const waiting of [ready, setupCode])
      waiting.reject(new Error(`the process ended before it was ready: ${stderr}`));
    ended.resolve({ code, signal });
  });
  const told = (): string => `it said ${JSON.stringify(stdout.slice(-500))} ${JSON.stringify(stderr.slice(-500))}`;
  const wait = <Result>(what: string, promise: Promise<Result>): Promise<Result> =>
    waitFor(`${what} of process ${child.pid}`, promise, { withinMs: 80_000, progress: told });
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    get ready() {
      return wait('the start', ready.promise);
    },
    get setupCode() {
      return wait('the setup code', setupCode.promise);
    },
    get ended() {
      return wait('the end', ended.promise);
    },
    kill: (signal) => child.kill(signal),
  };
}

/** A data folder that the user who runs Postgres can reach, even if this process runs as root. */
export function newDataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-e2e-'));
  chmodSync(directory, 0o755);
  return directory;
}
