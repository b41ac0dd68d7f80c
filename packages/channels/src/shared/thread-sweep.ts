import type { PlatformContext } from '../port/platform.port.ts';
import type { Page, Threads } from '../port/reading.port.ts';
import type { NormalisedMessage } from '../port/webhooks.port.ts';
import { continueRun, readRun, type RunLimits } from './run.ts';

const limits: RunLimits = { firstLookBackMs: 86_400_000, windowMsMax: null, pagesMax: 40 };

/** One page of changed threads with their messages since the cursor, to find messages that were not pushed. */
export async function sweepThreads(
  threads: Threads,
  context: PlatformContext,
  cursor: string,
): Promise<Page<NormalisedMessage>> {
  const run = readRun(cursor, context.now(), limits);
  const since = new Date(run.sinceMs);
  const page = await threads.listChanged(context, since, run.next);
  const items: NormalisedMessage[] = [];
  for (const { externalThreadId, buyer } of page.threads)
    items.push(...(await threads.read(context, externalThreadId, since, buyer)));
  return { items, ...continueRun(run, page.next, context.now(), limits) };
}
