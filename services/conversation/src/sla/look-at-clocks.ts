import { causedBySystem, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { type Clock, followStep, overdueSince, passTime, type Standard, untold } from '../clock/clock.domain.ts';
import { marksAskedBy, readSettings } from '../clock/settings.store.ts';
import { standardsFor } from '../clock/standards.ts';
import { readClocks, saveClocks, type StateKey, stateKey } from '../clock/state.store.ts';
import { type Conversation, markOverdue } from '../conversation/conversation.domain.ts';
import { aggregateOf, lockConversations } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { clockTold } from './sla.events.ts';

/**
 * Decides the clocks of conversations anew by what is set and how late it is, and tells what nobody was told: each once,
 * since clocks and events are committed together. A few statements for all of them.
 */
export async function lookAtClocks(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  keys: readonly StateKey[],
): Promise<void> {
  const now = clock.now();
  const conversations = await lockConversations(trx, keys);
  const settings = await readSettings(trx, [...new Set(keys.map(({ tenantId }) => tenantId))]);
  const marksOf = await marksAskedBy(trx, settings, keys);
  const stored = await readClocks(trx, keys);
  const looked = keys.flatMap((key) => {
    const conversation = conversations.get(stateKey(key.tenantId, key.id));
    // Of an unknown conversation nothing is due.
    if (conversation === undefined) return [{ ...key, clocks: [], changes: [] }];
    const standards = standardsFor(settings, conversation, marksOf(key));
    return [look(conversation, stored.get(stateKey(key.tenantId, key.id)) ?? [], standards, now)];
  });
  await saveChanges(
    { outbox, clock },
    trx,
    looked.flatMap(({ changes }) => changes),
  );
  await saveClocks(trx, looked, clock.now());
}

function look(conversation: Conversation, stored: readonly Clock[], standards: readonly Standard[], now: Date) {
  const step = { after: conversation, answeredAt: null, isTakenBack: false };
  const clocks = passTime(followStep(stored, step, standards, now), now);
  const changes: ConversationChange[] = [];
  let before = conversation;
  for (const clock of clocks)
    for (const telling of untold(clock)) {
      const after = markOverdue(before, before.waitingSince === null ? null : overdueSince(clocks));
      const told = {
        aggregate: aggregateOf(after),
        conversation: after,
        origin: causedBySystem(),
      };
      changes.push({ before, after, events: [clockTold(told, clock, telling)] });
      before = after;
    }
  const told = clocks.map((clock) => ({ ...clock, told: [...clock.told, ...untold(clock)] }));
  return { tenantId: conversation.tenantId, id: conversation.id, clocks: told, changes };
}
