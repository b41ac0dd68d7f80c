import { setImmediate as afterInput, setTimeout as pause } from 'node:timers/promises';
import { type Logger, monotonicMs } from '@crossdesk/service-kit';

/** Thrown in place of an answer while a subgraph answers nothing at all. */
export class SubgraphHangs extends Error {
  override name = 'SubgraphHangs';
  constructor(subgraph: string) {
    super(`${subgraph} hangs`);
  }
}

export interface Liveness {
  isHanging(): boolean;
  /** Waits for the work, but no longer than until the subgraph is found to hang. @throws SubgraphHangs */
  whileAlive<Result>(work: () => Promise<Result>): Promise<Result>;
  stop(): void;
}

export interface LivenessOptions {
  readonly name: string;
  /** How long a subgraph may answer nothing at all. */
  readonly hangsAfterMs: number;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Asks for something that every healthy subgraph answers at once. */
  probe(signal: AbortSignal): Promise<unknown>;
}

/** A question that has waited for this share of the time makes the subgraph suspect; a probe has the rest of it. */
const suspectAfter = 0.4;
const probeAgainMs = 500;

/**
 * Tells a subgraph that hangs from one that takes long for a question: a hanging one does not answer a probe either.
 * While it hangs nobody waits for it, only probes are sent, and the first answer ends that (ADR 0041).
 */
export function createLiveness({ name, hangsAfterMs, log, probe }: LivenessOptions): Liveness {
  const suspectAfterMs = hangsAfterMs * suspectAfter;
  const waiting = new Set<(cause: Error) => void>();
  let hangs = false;
  let isProbing = false;
  let isStopped = false;
  let answeredAtMs = monotonicMs();

  async function answersWithin(ms: number): Promise<boolean> {
    const sentAtMs = monotonicMs();
    const giveUp = new AbortController();
    // After a blocked event loop the timer fires before an answer that has already arrived is read.
    const late = pause(ms, undefined, { ref: false })
      .then(() => afterInput())
      .then(() => answeredAtMs > sentAtMs);
    const answered = probe(giveUp.signal).then(
      () => true,
      () => late,
    );
    const isAlive = await Promise.race([answered, late]);
    giveUp.abort();
    return isAlive;
  }

  async function suspect(): Promise<void> {
    if (isProbing || hangs) return;
    isProbing = true;
    const isAlive = await answersWithin(hangsAfterMs - suspectAfterMs);
    isProbing = false;
    if (isAlive || isStopped) return;
    hangs = true;
    log.warn({ subgraph: name }, 'subgraph hangs: it is skipped until it answers again');
    for (const reject of waiting) reject(new SubgraphHangs(name));
    while (hangs && !isStopped) hangs = !(await answersWithin(probeAgainMs));
    if (!isStopped) log.info({ subgraph: name }, 'subgraph answers again');
  }

  return {
    isHanging: () => hangs,
    async whileAlive(work) {
      if (hangs) throw new SubgraphHangs(name);
      const cut = Promise.withResolvers<never>();
      const timer = setInterval(() => void suspect(), suspectAfterMs);
      waiting.add(cut.reject);
      try {
        const result = await Promise.race([work(), cut.promise]);
        answeredAtMs = monotonicMs();
        return result;
      } finally {
        clearInterval(timer);
        waiting.delete(cut.reject);
      }
    },
    stop: () => void (isStopped = true),
  };
}
