import { type ConversationId, newId, type RegroupingId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  liftLimits,
  type Outcome,
  refuse,
  refuseText,
} from '@crossdesk/service-kit';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import { keyText, lockConversations } from '../conversation/conversation.store.ts';
import { ownThread, saveSegments, segmentsOfConversations } from '../conversation/segment.store.ts';
import type { DB } from '../db.ts';
import {
  inFlight,
  merge,
  type Merged,
  mergedMax,
  reasonCharactersMax,
  recordPart,
  refuseMerge,
} from './merge.domain.ts';
import { moveAll } from './moved-messages.store.ts';
import type { MergeDetails, MergedPart, Regrouping } from './regrouping.domain.ts';
import { hasReplyInFlight, insertRegrouping, takeDrafts, takeNotes } from './regrouping.store.ts';
import { copyWork, marksOf, replaceMarks, workOf } from './shared-work.store.ts';
import { saveRegrouped } from './tell-regrouped.ts';

interface Named {
  readonly conversationId: ConversationId;
  readonly expectedVersion: number;
}

export interface MergeInput {
  readonly into: Named;
  readonly from: readonly Named[];
  readonly reason: string;
}

type Refusal =
  'NOT_FOUND' | 'VERSION_CONFLICT' | 'INVALID_INPUT' | 'ILLEGAL_TRANSITION' | 'FORBIDDEN' | 'REPLY_IN_FLIGHT';

/** Makes one conversation out of several: their messages, notes, people and tags are in the first one from then on. */
export async function mergeConversations(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { into, from, reason }: MergeInput,
): Promise<Outcome<Regrouping, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const malformed = refuseText('reason', reason, reasonCharactersMax) ?? refuseCount(from);
  if (malformed !== null) return malformed;
  const keyOf = ({ conversationId: id }: Named) => ({ tenantId, id });
  const locked = await lockConversations(trx, [into, ...from].map(keyOf));
  const found = (one: Named) => {
    const conversation = locked.get(keyText(keyOf(one)));
    return conversation === undefined ? [] : [{ conversation, expectedVersion: one.expectedVersion }];
  };
  const [target] = found(into);
  if (target === undefined) return absent('into');
  const others = from.flatMap(found);
  if (others.length < from.length) return absent('from');
  const twice = refuseTwice(into, from);
  if (twice !== null) return twice;
  const maySpanStores = actor.kind === 'automation' || actor.kind === 'system' || actor.role !== 'agent';
  const refusal = refuseMerge(target, others, maySpanStores);
  if (refusal !== null) return refusal;
  const parts = others.map(({ conversation }) => conversation);
  if (
    await hasReplyInFlight(
      trx,
      tenantId,
      parts.map(({ id }) => id),
    )
  )
    return inFlight;
  const id = newId<RegroupingId>();
  await liftLimits(trx);
  const merged = merge(id, target.conversation, parts);
  const details = await moveTogether(call, { into: target.conversation, from: parts }, merged);
  const regrouping: Regrouping = {
    ...{
      tenantId,
      id,
      conversationId: target.conversation.id,
      otherIds: parts.map((part) => part.id),
      reason,
      details,
    },
    ...{ agentId: agentOf(actor), at: deps.clock.now(), undoneAt: null, undoneBy: null },
  };
  await insertRegrouping(trx, regrouping);
  await saveRegrouped(deps, call, regrouping, 'merged', [
    { before: target.conversation, after: merged.into },
    ...parts.map((before, n) => ({ before, after: merged.from[n] ?? before })),
  ]);
  return changed(regrouping, id);
}

const wrongList = refuse('INVALID_INPUT', 'from', `Name 1 to ${mergedMax} other conversations, each once.`);

function refuseCount(from: readonly Named[]) {
  return from.length > 0 && from.length <= mergedMax ? null : wrongList;
}

/** Asked of conversations that the caller sees: the same id twice must not tell that one exists. */
function refuseTwice({ conversationId: into }: Named, from: readonly Named[]) {
  const ids = new Set([into, ...from.map(({ conversationId }) => conversationId)]);
  return ids.size === from.length + 1 ? null : wrongList;
}

const absent = (field: 'into' | 'from') =>
  refuse('NOT_FOUND', field, 'There is no conversation with this id in your workspace.');

async function moveTogether({ trx }: CommandCall<DB>, { into, from }: Merged, merged: Merged): Promise<MergeDetails> {
  const { tenantId } = into;
  await saveSegments(trx, [into, ...from].filter(({ isRegrouped }) => !isRegrouped).map(ownThread));
  const work = { ...(await workOf(trx, into)), hadName: into.buyerName !== null };
  const read = new Map(work.marks.map(({ agentId, seq }) => [agentId, seq]));
  const parts: MergedPart[] = [];
  for (const one of from) {
    const way = { tenantId, from: one.id, into: into.id };
    const segments = (await segmentsOfConversations(trx, tenantId, [one.id])).get(one.id) ?? [];
    await moveAll(trx, way);
    await saveSegments(
      trx,
      segments.map((segment) => ({ ...segment, conversationId: into.id })),
    );
    await copyWork(trx, way);
    for (const { agentId, seq } of await marksOf(trx, one)) read.set(agentId, (read.get(agentId) ?? 0) + seq);
    const moved = { noteIds: await takeNotes(trx, way), drafts: await takeDrafts(trx, way) };
    const part = recordPart(one, merged.from.find(({ id }) => id === one.id) ?? one);
    parts.push({ ...part, ...moved, segmentIds: segments.map(({ id }) => id) });
  }
  await replaceMarks(trx, into, read);
  return { kind: 'merge', into: { ...recordPart(into, merged.into), work }, from: parts };
}
