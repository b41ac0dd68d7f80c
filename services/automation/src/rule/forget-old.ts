import type { ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { forgetBefore } from './evaluation.store.ts';
import { limitHoursMax } from './rule-input.domain.ts';

/** Evaluations are explained, and acts counted, for as long as the longest limit looks back: 35 days. */
export async function forgetOld({ db, clock }: Pick<ServiceRuntime<DB>, 'db' | 'clock'>): Promise<void> {
  const before = new Date(clock.now().getTime() - limitHoursMax * 3_600_000);
  await db.asWorker((trx) => forgetBefore(trx, before));
}
