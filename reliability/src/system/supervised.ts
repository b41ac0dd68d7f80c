import { answers } from '@crossdesk/cluster';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { environmentOf, nodeArgumentsOf, type Variant } from '../stand-ins/stand-in.ts';

/** One process of the system, started again whenever it ends unasked, as a supervisor does. */
export interface Supervised {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process that runs now, or the one that takes its place, says that it is ready. */
  ready(): Promise<void>;
  /** Sends a signal to the process that runs now. */
  signal(signal: NodeJS.Signals): void;
  /** The crash points at which it killed itself, in order. */
  readonly crashes: readonly string[];
  /** What it is armed with now. */
  readonly armed: string | null;
  /** Arms further points; a process that is unarmed is killed, since only a start arms it. */
  arm(points: readonly string[]): void;
  /** Gives up a point that nothing ever comes by: the next life takes the next one. */
  skip(): void;
  /** Ends it in order, and nothing starts it again before `join`: as when somebody scales in. Resolves when it is gone. */
  leave(): Promise<void>;
  /** Starts it again with some of its environment changed, as a pod that comes has another name, and maybe another version. */
  join(changed: ProcessSpec['environment'], variant?: Variant): void;
  readonly restarts: number;
  stop(): Promise<void>;
}

export interface ProcessSpec {
  readonly name: string;
  /** The file that is started. */
  readonly main: string;
  /** What it loads instead of modules of the product. */
  readonly variant: Variant;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Armed one after another: each life that follows a crash takes the next, and the last one is unarmed. */
  readonly crashAt: readonly string[];
  /** What it prints once it is ready, or an address that answers 2xx from then on; a job is ready when it ended well. */
  readonly ready: { readonly words: string } | { readonly url: string } | { readonly ended: 'well' };
  /** Takes what the process writes, of all its lives. */
  readonly logFile: string;
}

const stopWithinMs = 12_000;
/** A process that cannot even start is started again this often: a database that restarts takes a few seconds. */
const restartPauseMs = 200;
const askReadyEveryMs = 100;

export function supervise(spec: ProcessSpec): Supervised {
  let isStopping = false;
  let isAway = false;
  let isRunning = false;
  let restarting: NodeJS.Timeout | undefined;
  let { environment, variant } = spec;
  let restarts = 0;
  let ready = Promise.withResolvers<void>();
  const crashes: string[] = [];
  let ended = Promise.withResolvers<void>();
  const toArm = [...spec.crashAt];
  let armed = toArm.shift() ?? null;
  let child = start(armed);
  const killNow = (): void => void child.kill('SIGKILL');
  // A harness that is ended itself leaves nothing running.
  process.on('exit', killNow);

  function start(crashAt: string | null) {
    const started = spawn(
      process.execPath,
      ['--no-warnings', ...nodeArgumentsOf(variant), spec.main, ...spec.arguments],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: process.env['HOME'] ?? '',
          // As `pnpm start` and `pnpm start:cluster` keep what they compiled.
          NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
          ...environment,
          ...environmentOf(variant),
          ...(crashAt === null ? {} : { CROSSDESK_CRASH_TEST: 'yes', CROSSDESK_CRASH_AT: crashAt }),
        },
      },
    );
    isRunning = true;
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      appendFileSync(spec.logFile, text);
      if ('words' in spec.ready && text.includes(spec.ready.words)) ready.resolve();
    });
    if ('url' in spec.ready) void askUntilReady(started, spec.ready.url);
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      appendFileSync(spec.logFile, text);
      const [, at] = /crash point (\S+)/.exec(text) ?? [];
      if (at === undefined) return;
      crashes.push(at);
      armed = toArm.shift() ?? null;
    });
    started.on('close', (code, signal) => {
      isRunning = false;
      appendFileSync(spec.logFile, `--- ended: ${signal ?? code}\n`);
      if ('ended' in spec.ready && code === 0) ready.resolve();
      else if (isStopping || isAway) ended.resolve();
      else restarting = setTimeout(again, restartPauseMs);
    });
    return started;
  }

  async function askUntilReady(asked: ChildProcess, url: string): Promise<void> {
    while (asked.exitCode === null && asked.signalCode === null) {
      if (await answers(url)) return ready.resolve();
      await pause(askReadyEveryMs);
    }
  }

  function again(): void {
    restarts += 1;
    const next = Promise.withResolvers<void>();
    // Whoever still waits for the life that ended waits for this one.
    next.promise.then(ready.resolve, ready.reject);
    ready = next;
    child = start(armed);
  }

  async function end(): Promise<void> {
    clearTimeout(restarting);
    if (!isRunning) return;
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await ended.promise;
    clearTimeout(hard);
  }

  return {
    name: spec.name,
    get pid() {
      return child.pid ?? 0;
    },
    get restarts() {
      return restarts;
    },
    ready: () => ready.promise,
    signal: (signal) => void child.kill(signal),
    crashes,
    get armed() {
      return armed;
    },
    arm: (points) => {
      toArm.push(...points);
      if (armed !== null || toArm.length === 0) return;
      armed = toArm.shift() ?? null;
      child.kill('SIGKILL');
    },
    skip: () => {
      armed = toArm.shift() ?? null;
      child.kill('SIGKILL');
    },
    leave: async () => {
      isAway = true;
      await end();
    },
    join: (changed, nextVariant = variant) => {
      if (!isAway || isStopping) return;
      variant = nextVariant;
      environment = { ...environment, ...changed };
      isAway = false;
      ended = Promise.withResolvers();
      again();
    },
    stop: async () => {
      isStopping = true;
      process.off('exit', killNow);
      await end();
    },
  };
}
