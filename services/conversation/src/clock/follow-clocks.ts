import type { AnyEventDraft } from '@crossdesk/service-kit';
import type { ConversationId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type Clock, type ClockStep, type ClockSubject, followStep, overdueSince } from './clock.domain.ts';
import type { PolicySubject } from './policy.domain.ts';
import { marksAskedBy, readSettings } from './settings.store.ts';
import { standardsFor } from './standards.ts';
import { readClocks, saveClocks, stateKey } from './state.store.ts';

/** What clocks ask about a conversation. */
export interface ClockedConversation extends ClockSubject, PolicySubject {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
  readonly overdueSince: Date | null;
}

interface Step<Conversation> {
  readonly before: Conversation;
  readonly after: Conversation;
  readonly events: readonly AnyEventDraft[];
}

/**
 * Moves the clocks of conversations that are locked, and returns the steps with the mark of what is overdue. Four
 * statements if somebody began or ceased to wait (five if a service level asks for customers), none else: a second message of a buyer who waits costs nothing.
 */
export async function followClocks<Conversation extends ClockedConversation, S extends Step<Conversation>>(
  trx: Transaction<DB>,
  steps: readonly S[],
  now: Date,
): Promise<readonly S[]> {
  const relevant = steps.filter(isRelevant);
  if (relevant.length === 0) return steps;
  const settings = await readSettings(trx, [...new Set(relevant.map(({ after }) => after.tenantId))]);
  const marksOf = await marksAskedBy(
    trx,
    settings,
    relevant.map(({ after }) => after),
  );
  const stored = await readClocks(
    trx,
    relevant.map(({ after }) => after),
  );
  const states = new Map<string, ClockedConversation & { clocks: Clock[] }>();
  for (const step of relevant) {
    const { after } = step;
    const key = stateKey(after.tenantId, after.id);
    const known = states.get(key)?.clocks ?? stored.get(key) ?? [];
    const clocks = followStep(known, clockStep(step, now), standardsFor(settings, after, marksOf(after)), now);
    if (clocks.length > 0 || known.length > 0) states.set(key, { ...after, clocks });
  }
  await saveClocks(trx, [...states.values()], now);
  return steps.map((step) => {
    const state = states.get(stateKey(step.after.tenantId, step.after.id));
    const overdue = state === undefined ? null : overdueSince(state.clocks);
    // Only an answer that did not arrive makes a conversation overdue again.
    if (overdue === null || step.after.waitingSince === null) return step;
    return { ...step, after: { ...step.after, overdueSince: overdue } };
  });
}

function isRelevant<Conversation extends ClockedConversation>({ before, after }: Step<Conversation>): boolean {
  const isOwedSinceThen = before.waitingSince?.getTime() === after.waitingSince?.getTime();
  const isSamePlace = before.phase === after.phase && before.cycle === after.cycle;
  const isSameKind = before.priority === after.priority && before.enquiry?.type === after.enquiry?.type;
  return !isOwedSinceThen || !isSamePlace || (!isSameKind && after.waitingSince !== null);
}

function clockStep<Conversation extends ClockedConversation>(
  { after, events }: Step<Conversation>,
  now: Date,
): ClockStep {
  const answers = events.flatMap((event): Date[] => {
    if (event.type !== 'conversation.message-added' || event.data.direction !== 'outbound') return [];
    if (event.data.author === 'agent') return [now];
    // Written in the console of the platform, and read later.
    return event.data.author === 'seller' ? [event.occurredAt ?? now] : [];
  });
  const isTakenBack = events.some(({ type }) => type === 'conversation.delivery-changed');
  return { after, answeredAt: answers[0] ?? null, isTakenBack };
}
