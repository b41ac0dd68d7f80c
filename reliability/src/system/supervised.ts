import { tied } from '@crossdesk/local-machine';
import { answers } from '@crossdesk/cluster';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { environmentOf, nodeArgumentsOf, type Variant } from '../stand-ins/stand-in.ts';
import { inTime } from './in-time.ts';

/** One process of the system. It is started again whenever it ends by itself, as a supervisor does. */
export interface Supervised {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process that runs now, or the one that follows it, is ready. @throws Error when that takes minutes */
  ready(): Promise<void>;
  /** Sends a signal to the process that runs now. */
  signal(signal: NodeJS.Signals): void;
  /** The crash points at which it has killed itself, in order. */
  readonly crashes: readonly string[];
  /** The crash point it is armed with now. */
  readonly armed: string | null;
  /** Arms further points. A process that is not armed is killed, because only a start can arm it. */
  arm(points: readonly string[]): void;
  /** Gives up the current point because the process never passes it. The process is restarted with the next one. */
  skip(): void;
  /** Stops it gracefully, and it stays away until `join`, as when a service is scaled in. Resolves when it is gone. */
  leave(): Promise<void>;
  /** Starts it again with some of its environment changed: a new pod has another name, and maybe another version. */
  join(changed: ProcessSpec['environment'], variant?: Variant): void;
  readonly restarts: number;
  stop(): Promise<void>;
}

export interface ProcessSpec {
  readonly name: string;
  /** The file to start. */
  readonly main: string;
  /** Its stand-ins; none for the product as it is. */
  readonly variant: Variant;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Crash points to arm one after another: each restart after a crash takes the next one, the last start is not armed. */
  readonly crashAt: readonly string[];
  /** It is ready when it prints these words, when this address answers 2xx, or, for a job, when it has ended with code 0. */
  readonly ready: { readonly words: string } | { readonly url: string } | { readonly ended: 'well' };
  /** Takes the output of the process, across restarts. */
  readonly logFile: string;
}

const stopWithinMs = 12_000;
/** Ten processes that start at once on a busy machine take a minute or two. */
const readyWithinMs = 300_000;
/** A process that cannot even start is started again after this pause: a database that restarts takes a few seconds. */
const restartPauseMs = 200;
const askReadyEveryMs = 100;

export function supervise(spec: ProcessSpec): Supervised {
  let isAway = false;
  let isStopping = false;
  let { environment, variant } = spec;
  const arming = createArming(spec.crashAt);
  const keeper = keepRunning(spec, (onReady) => {
    const started = spawnProcess(spec, { environment, variant, crashAt: arming.armed() });
    readOutput(started, spec, { onReady, onCrash: arming.crashed });
    return started;
  });
  const kill = (signal: NodeJS.Signals): void => void keeper.child().kill(signal);
  const killNow = (): void => kill('SIGKILL');
  // Nothing outlives the harness.
  process.on('exit', killNow);
  return {
    name: spec.name,
    get pid() {
      return keeper.child().pid ?? 0;
    },
    get restarts() {
      return keeper.restarts();
    },
    get armed() {
      return arming.armed();
    },
    ready: () => inTime(keeper.ready(), readyWithinMs, `${spec.name} did not become ready`),
    signal: kill,
    crashes: arming.crashes,
    arm: (points) => {
      if (arming.add(points)) killNow();
    },
    skip: () => {
      arming.skip();
      killNow();
    },
    leave: async () => {
      isAway = true;
      await keeper.end();
    },
    join: (changed, nextVariant = variant) => {
      if (!isAway || isStopping) return;
      isAway = false;
      variant = nextVariant;
      environment = { ...environment, ...changed };
      keeper.startAgain();
    },
    stop: async () => {
      isStopping = true;
      process.off('exit', killNow);
      await keeper.end();
    },
  };
}

/** Starts a process, and starts it again whenever it ends by itself. `start` is told what to call when the process is ready. */
function keepRunning({ logFile, ready: readiness }: ProcessSpec, start: (onReady: () => void) => ChildProcess) {
  let isEnding = false;
  let isRunning = false;
  let restarts = 0;
  let restarting: NodeJS.Timeout | undefined;
  let ready = Promise.withResolvers<void>();
  let ended = Promise.withResolvers<void>();
  let child = launch();

  function launch(): ChildProcess {
    const started = start(() => ready.resolve());
    isRunning = true;
    started.on('close', (code, signal) => {
      isRunning = false;
      appendFileSync(logFile, `--- ended: ${signal ?? code}\n`);
      if ('ended' in readiness && code === 0) ready.resolve();
      else if (isEnding) ended.resolve();
      else restarting = setTimeout(again, restartPauseMs);
    });
    return started;
  }

  function again(): void {
    restarts += 1;
    const next = Promise.withResolvers<void>();
    // Callers that still wait for the previous start wait for this one.
    next.promise.then(ready.resolve, ready.reject);
    ready = next;
    child = launch();
  }

  return {
    child: () => child,
    restarts: () => restarts,
    ready: () => ready.promise,
    /** Stops the process for good, until `startAgain`. */
    end: async (): Promise<void> => {
      isEnding = true;
      clearTimeout(restarting);
      if (!isRunning) return;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await ended.promise;
      clearTimeout(hard);
    },
    startAgain: (): void => {
      isEnding = false;
      ended = Promise.withResolvers();
      again();
    },
  };
}

/** Which crash point a process is armed with, and which are still to come. */
function createArming(points: readonly string[]) {
  const toArm = [...points];
  const crashes: string[] = [];
  let armed = toArm.shift() ?? null;
  const skip = (): void => {
    armed = toArm.shift() ?? null;
  };
  return {
    crashes,
    skip,
    armed: () => armed,
    crashed: (at: string): void => {
      crashes.push(at);
      skip();
    },
    /** Returns whether the process has to start again to be armed. */
    add: (more: readonly string[]): boolean => {
      toArm.push(...more);
      if (armed !== null || toArm.length === 0) return false;
      skip();
      return true;
    },
  };
}

function spawnProcess(
  { main, arguments: args }: ProcessSpec,
  { environment, variant, crashAt }: Pick<ProcessSpec, 'environment' | 'variant'> & { readonly crashAt: string | null },
): ChildProcess {
  // However the harness ends, also while the process is halted: it ends with it.
  const [program, all] = tied(process.execPath, ['--no-warnings', ...nodeArgumentsOf(variant), main, ...args]);
  return spawn(program, all, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      // As `pnpm start` and `pnpm start:cluster` keep what they compiled.
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      ...environment,
      ...environmentOf(variant),
      ...(crashAt === null ? {} : { CROSSDESK_CRASH_TEST: 'yes', CROSSDESK_CRASH_AT: crashAt }),
    },
  });
}

/** Copies the output to the log file, and looks in it for the words of readiness and for crash points. */
function readOutput(
  started: ChildProcess,
  { logFile, ready }: ProcessSpec,
  { onReady, onCrash }: { readonly onReady: () => void; readonly onCrash: (at: string) => void },
): void {
  started.stdout?.setEncoding('utf8').on('data', (text: string) => {
    appendFileSync(logFile, text);
    if ('words' in ready && text.includes(ready.words)) onReady();
  });
  started.stderr?.setEncoding('utf8').on('data', (text: string) => {
    appendFileSync(logFile, text);
    const [, at] = /crash point (\S+)/.exec(text) ?? [];
    if (at !== undefined) onCrash(at);
  });
  if ('url' in ready) void askUntilReady(started, ready.url, onReady);
}

async function askUntilReady(asked: ChildProcess, url: string, onReady: () => void): Promise<void> {
  while (asked.exitCode === null && asked.signalCode === null) {
    if (await answers(url)) return onReady();
    await pause(askReadyEveryMs);
  }
}
