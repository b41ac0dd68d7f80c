import { Worker } from 'node:worker_threads';
import type { InspectedFile } from './inspection.domain.ts';

interface Answer {
  readonly found: InspectedFile;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Inspector {
  /**
   * Opens a file in a thread of its own. The given bytes move there and come back: use those of the answer. Null when
   * the bytes took too long or broke the thread.
   */
  inspect(bytes: Uint8Array<ArrayBuffer>): Promise<Answer | null>;
  /** Opens a file that is loaded when its turn comes, so that files do not wait in memory. Null also for one that is gone. */
  inspectLater(load: () => Promise<Uint8Array<ArrayBuffer> | null>): Promise<InspectedFile | null>;
  close(): Promise<void>;
}

const timeoutMsMax = 20_000;
/** An idle thread ends: it keeps the memory of the largest picture it opened. */
const idleMs = 10_000;
const heapMegabytesMax = 64;

export function createInspector(timeoutMs = timeoutMsMax): Inspector {
  let thread: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = null;
    await ending?.terminate();
  }

  function ask(bytes: Uint8Array<ArrayBuffer>): Promise<Answer | null> {
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    const giveUp = (): void => resolve(null);
    const asked = (thread ??= openThread());
    const timer = setTimeout(giveUp, timeoutMs);
    asked.on('message', resolve).on('error', giveUp).on('exit', giveUp);
    asked.postMessage(bytes, [bytes.buffer]);
    return promise.finally(() => {
      clearTimeout(timer);
      asked.off('message', resolve).off('error', giveUp).off('exit', giveUp);
    });
  }

  /** One file at a time: two large pictures at once would not fit into a container. */
  async function inspect(bytes: Uint8Array<ArrayBuffer>): Promise<Answer | null> {
    clearTimeout(idle);
    const answer = await ask(bytes);
    if (answer === null) await end();
    else idle = setTimeout(() => void end(), idleMs).unref();
    return answer;
  }

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  }

  return {
    inspect: (bytes) => inTurn(() => inspect(bytes)),
    inspectLater: (load) =>
      inTurn(async () => {
        const bytes = await load();
        return bytes === null ? null : ((await inspect(bytes))?.found ?? null);
      }),
    async close() {
      await last;
      await end();
    },
  };
}

function openThread(): Worker {
  const thread = new Worker(new URL('inspect.worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
    env: {},
    stdout: true,
    stderr: true,
  });
  thread.unref();
  return thread;
}
