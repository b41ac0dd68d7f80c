import type { ConsumerSpec, Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type NotableEvent, noticeOf } from '../notification/notable.domain.ts';
import { type Caused, notify, type NotifyDeps } from '../notification/notify.ts';
import { leadsOf } from '../notification/preference.store.ts';

type Notable = Pick<Delivered, 'traceparent'> & { readonly event: NotableEvent };

/** Tells people what concerns them, in a group of its own: its lag delays no message. */
export function notifyConsumer(deps: NotifyDeps): ConsumerSpec<DB> {
  const tell = (trx: Transaction<DB>, events: readonly Notable[]) => tellPeople(deps, trx, events);
  return {
    name: 'conversation.notify',
    on: {
      'conversation.changed': tell,
      'conversation.message-added': tell,
      'conversation.bulk-job-changed': tell,
      'ingest.account-changed': tell,
    },
  };
}

/** Most events concern nobody, and cost nothing. */
export async function tellPeople(deps: NotifyDeps, trx: Transaction<DB>, events: readonly Notable[]): Promise<void> {
  const notices = events.flatMap((cause) => {
    const notice = noticeOf(cause.event);
    return notice === null ? [] : [{ cause, notice }];
  });
  const led = notices.filter(({ notice }) => notice.to === 'leads').map(({ cause }) => cause.event.tenantId);
  const leads = await leadsOf(trx, led);
  const caused = notices.flatMap(({ cause, notice }): Caused[] => {
    const { tenantId, id: eventId } = cause.event;
    const { to, ...about } = notice;
    const people = to === 'leads' ? (leads.get(tenantId) ?? []) : [to];
    return people.map((agentId) => ({ ...about, tenantId, eventId, agentId, cause }));
  });
  await notify(deps, trx, caused);
}
