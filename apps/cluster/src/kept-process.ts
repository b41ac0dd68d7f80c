import { type Told, toldIn } from '@crossdesk/service-kit';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface KeptProcessSpec {
  readonly name: string;
  /** The entry point, relative to the root of the repository. */
  readonly main: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** Unix niceness: a higher value gives way to other processes when processors are busy. */
  readonly niceness: number;
  /** Answers 2xx and the process name once the process can do its work; null = the started message is enough. */
  readonly readyUrl: string | null;
}

/** A process that is restarted when it ends by itself, as in a container engine. It ends together with this process. */
export interface KeptProcess {
  readonly name: string;
  pid(): number | null;
  /**
   * Resolves when it is ready. @throws Error with its last log line: at once when a restart would not help, otherwise
   * after several failed starts
   */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../../..');
const wrapper = join(import.meta.dirname, 'child.ts');
/** Long, because a busy machine needs minutes to start all processes. A process that cannot start reports it at once. */
const readyWithinMs = 300_000;
const restartMsMax = 5_000;
const failedStartsMax = 3;

/** One run of the process. */
interface Life {
  readonly child: ChildProcess;
  /** It has bound its port, so an answer there comes from this process and not from an earlier one. */
  hasStarted: boolean;
}

export function keepRunning(spec: KeptProcessSpec): KeptProcess {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const stopping = new AbortController();
  let life: Life | null = null;
  let ends = 0;
  let refusal: string | null = null;

  function hear(told: Told | null): void {
    if (told === null) return;
    if ('hasStarted' in told) {
      if (life !== null) life.hasStarted = true;
    } else if (told.isFinal) {
      refusal = told.cannotStart;
      stopping.abort();
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const child = launch(spec);
      life = { child, hasStarted: false };
      child.on('message', (message) => hear(toldIn(message)));
      await once(child, 'exit');
      ends += 1;
      if (!stopping.signal.aborted)
        await pause(Math.min(restartMsMax, 100 * 2 ** ends), null, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function isReady(): Promise<boolean> {
    if (life === null || !life.hasStarted) return false;
    return spec.readyUrl === null || (await nameAt(spec.readyUrl)) === spec.name;
  }

  const running = run();
  return {
    name: spec.name,
    pid: () => life?.child.pid ?? null,
    async ready() {
      for (const endsAt = performance.now() + readyWithinMs; !(await isReady()); await pause(50)) {
        if (refusal !== null) throw new Error(`${spec.name}: ${refusal}`);
        if (ends >= failedStartsMax || performance.now() > endsAt)
          throw new Error(`${spec.name} did not become ready: ${lastLine(spec.logFile)}`);
      }
      ends = 0;
    },
    async stop() {
      stopping.abort();
      life?.child.kill('SIGTERM');
      await running;
    },
  };
}

function launch({ main, environment, logFile, niceness }: KeptProcessSpec): ChildProcess {
  const output = openSync(logFile, 'a');
  const child = fork(wrapper, [join(root, main)], {
    env: environment,
    stdio: ['ignore', output, output, 'ipc'],
    // Instead of the parent's flags (inspector, loaders).
    execArgv: ['--max-semi-space-size=8'],
  });
  closeSync(output);
  if (child.pid !== undefined) setPriority(child.pid, niceness);
  return child;
}

/** The name of the service that reports ready at an address; null when none does. */
async function nameAt(url: string): Promise<unknown> {
  const response = await ask(url);
  const answer: unknown = response?.ok === true ? await response.json().catch(() => null) : null;
  return typeof answer === 'object' && answer !== null && 'service' in answer ? answer.service : null;
}

/** Whether an address answers with 2xx now. */
export async function answers(url: string): Promise<boolean> {
  const response = await ask(url);
  await response?.body?.cancel();
  return response?.ok === true;
}

function ask(url: string): Promise<Response | null> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? 'it said nothing';
}
