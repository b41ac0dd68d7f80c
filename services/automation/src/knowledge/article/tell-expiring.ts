import { causedBySystem, type ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { articleExpiring } from './article.events.ts';
import { takeExpiring } from './expiring.store.ts';

/** So that there is time to look at an article before it is wrong. */
const noticeDays = 14;
const batchMax = 100;

/** Publishes that articles have to be reviewed or cease to hold soon, once for each date. */
export async function tellExpiring({
  db,
  clock,
  outbox,
}: Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'outbox'>): Promise<void> {
  const before = new Date(clock.now().getTime() + noticeDays * 86_400_000);
  const origin = causedBySystem();
  let told = batchMax;
  while (told === batchMax)
    told = await db.asWorker(async (trx) => {
      const expiring = await takeExpiring(trx, before, batchMax);
      const drafts = expiring.flatMap(({ article, aggregates, dates }) =>
        dates.flatMap((date, n) => {
          const aggregate = aggregates[n];
          return aggregate === undefined ? [] : [articleExpiring(aggregate, article, date, origin)];
        }),
      );
      await outbox.append(trx, drafts);
      return expiring.length;
    });
}
