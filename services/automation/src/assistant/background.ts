import type { Logger, Stoppable } from '@crossdesk/service-kit';

/** Work that may take longer than a person's request lasts. */
export interface Background extends Stoppable {
  /** Begins a job, and waits until it is done or the request has to be answered. */
  run(job: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

/** Shorter than the gateway waits for this service. */
const answerWithinMs = 6_000;
const jobMsMax = 60_000;

/** Runs jobs beside the requests that began them; the end of the process cuts them short. */
export function createBackground(log: Logger): Background {
  const end = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    name: 'assistant',
    async run(job) {
      const work = job(AbortSignal.any([end.signal, AbortSignal.timeout(jobMsMax)]))
        .catch((err: unknown) => log.error({ err }, 'a job of the assistant failed'))
        .finally(() => running.delete(work));
      running.add(work);
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, answerWithinMs);
      await Promise.race([work, late.promise]);
      clearTimeout(timer);
    },
    async stop() {
      end.abort();
      await Promise.all(running);
    },
  };
}

/** A job of an earlier process never ends: after this time nobody waits for it. */
export const jobLostAfterMs = jobMsMax + 30_000;

/** The state for people: what a process that has ended was writing failed. */
export function presentState<State extends string>(
  { state, begunAt }: { readonly state: State; readonly begunAt: Date },
  now: Date,
): State | 'failed' {
  return state === 'writing' && now.getTime() - begunAt.getTime() > jobLostAfterMs ? 'failed' : state;
}
