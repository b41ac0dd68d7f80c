import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface KeptProcessSpec {
  readonly name: string;
  /** The entry point, below the root of the repository. */
  readonly main: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** How far it stands back where processors are short (Unix niceness). */
  readonly niceness: number;
  /** Answers 2xx once the process can do its work; null = it is enough that it runs. */
  readonly readyUrl: string | null;
}

/** A process that is started again when it ends by itself, as a container engine would. */
export interface KeptProcess {
  readonly name: string;
  pid(): number | null;
  /** Resolves when it is ready. @throws Error with its last words when it keeps ending before that */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../../..');
const wrapper = join(import.meta.dirname, 'child.ts');
const readyWithinMs = 60_000;
const restartMsMax = 5_000;
const failedStartsMax = 3;

export function keepRunning(spec: KeptProcessSpec): KeptProcess {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const stopping = new AbortController();
  let child: ChildProcess | null = null;
  let ends = 0;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const output = openSync(spec.logFile, 'a');
      const current = fork(wrapper, [join(root, spec.main)], {
        env: spec.environment,
        stdio: ['ignore', output, output, 'ipc'],
        // The inspector and loader flags of the parent are not theirs.
        execArgv: ['--max-semi-space-size=8'],
      });
      closeSync(output);
      child = current;
      if (current.pid !== undefined) setPriority(current.pid, spec.niceness);
      await once(current, 'exit');
      ends += 1;
      if (!stopping.signal.aborted)
        await pause(Math.min(restartMsMax, 100 * 2 ** ends), null, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    name: spec.name,
    pid: () => child?.pid ?? null,
    async ready() {
      for (const endsAt = performance.now() + readyWithinMs; ; await pause(50)) {
        if (ends >= failedStartsMax || performance.now() > endsAt)
          throw new Error(`${spec.name} does not become ready: ${lastLine(spec.logFile)}`);
        if (child !== null && (spec.readyUrl === null || (await answers(spec.readyUrl)))) break;
      }
      ends = 0;
    },
    async stop() {
      stopping.abort();
      child?.kill('SIGTERM');
      await running;
    },
  };
}

/** Whether an address answers 2xx now. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
  await response?.body?.cancel();
  return response?.ok === true;
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? 'it said nothing';
}
