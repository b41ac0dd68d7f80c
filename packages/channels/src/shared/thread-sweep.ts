import type { PlatformContext } from '../port/platform.port.ts';
import type { Listed, Page, Threads } from '../port/reading.port.ts';
import type { NormalisedMessage } from '../port/webhooks.port.ts';
import { joined } from './elements.ts';
import { continueRun, readRun, type RunLimits } from './run.ts';

const limits: RunLimits = { firstLookBackMs: 86_400_000, windowMsMax: null, pagesMax: 40 };

/** One page of changed threads with their messages since the cursor, to find messages that were not pushed. */
export async function sweepThreads(
  threads: Pick<Threads, 'listChanged' | 'read'>,
  context: PlatformContext,
  cursor: string,
): Promise<Page<NormalisedMessage>> {
  const run = readRun(cursor, context.now(), limits);
  const since = new Date(run.sinceMs);
  const page = await threads.listChanged(context, since, run.next);
  const read: Listed<NormalisedMessage>[] = [];
  for (const { externalThreadId, buyer } of page.threads)
    read.push(await threads.read(context, externalThreadId, since, buyer));
  const { items, unreadable } = joined(read);
  return {
    items,
    unreadable: [...page.unreadable, ...unreadable],
    ...continueRun(run, page.next, context.now(), limits),
  };
}
