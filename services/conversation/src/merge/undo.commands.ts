import { type AgentId, type ConversationId, type RegroupingId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  liftLimits,
  type Outcome,
  refuse,
  type Refused,
  unchanged,
} from '@crossdesk/service-kit';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { lockConversations } from '../conversation/conversation.store.ts';
import { deleteSegments, saveSegments, segmentsByIds } from '../conversation/segment.store.ts';
import type { DB } from '../db.ts';
import { latestMessages } from './latest-messages.ts';
import { inFlight, refuseUndo } from './merge.domain.ts';
import { countToPrevious, joinSegment, messagesSince, moveSegments } from './moved-messages.store.ts';
import type { MergeDetails, Regrouping, SplitDetails } from './regrouping.domain.ts';
import {
  hasReplyInFlight,
  markUndone,
  regroupingsByIds,
  returnDrafts,
  returnNotes,
  takeDrafts,
  takeNotes,
} from './regrouping.store.ts';
import { marksOf, replaceMarks, takeBackWork, workOf } from './shared-work.store.ts';
import { type RegroupedStep, saveRegrouped } from './tell-regrouped.ts';
import { undoMerge, undoSplit } from './undo.domain.ts';

const absent = refuse('NOT_FOUND', 'regroupingId', 'There is no regrouping with this id in your workspace.');

/** A refusal, and the regrouping that has to be undone before, if there is one. */
export type UndoRefused = Refused<'NOT_FOUND' | 'REGROUPED_SINCE' | 'REPLY_IN_FLIGHT'> & {
  readonly laterId?: RegroupingId | null;
};

type Conversations = ReadonlyMap<ConversationId, Conversation>;

/**
 * Undoes a merge or a split: each conversation is as if it had never happened, with everything that has come since, but
 * for what people have read, settled or decided. Undoing it twice changes nothing.
 */
export async function undoRegrouping(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { regroupingId }: { readonly regroupingId: RegroupingId },
): Promise<Exclude<Outcome<Regrouping, never>, Refused<never>> | UndoRefused> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const find = async () => (await regroupingsByIds(trx, tenantId, [regroupingId])).get(regroupingId) ?? null;
  // Whoever sees the conversation that is left may undo what made it; they need not see those that went into it.
  const seen = await find();
  if (seen === null) return absent;
  await liftLimits(trx);
  const keys = [seen.conversationId, ...seen.otherIds].map((id) => ({ tenantId, id }));
  const rows = [...(await lockConversations(trx, keys)).values()];
  const locked = new Map(rows.map((one) => [one.id, one]));
  // Somebody else may have undone it before the lock.
  const regrouping = (await find()) ?? seen;
  if (regrouping.undoneAt !== null) return unchanged(regrouping);
  const refusal = refuseUndo(regrouping, rows);
  if (refusal !== null) return { ...refusal, laterId: laterId(regrouping, rows) };
  if (
    await hasReplyInFlight(
      trx,
      tenantId,
      rows.map(({ id }) => id),
    )
  )
    return inFlight;
  const { details } = regrouping;
  const steps =
    details.kind === 'merge'
      ? await separate(call, locked, { ...regrouping, details })
      : await reunite(call, locked, { ...regrouping, details });
  const undone = { ...regrouping, undoneAt: deps.clock.now(), undoneBy: agentOf(actor) };
  await markUndone(trx, undone);
  const latest = await latestMessages(
    trx,
    tenantId,
    rows.map(({ id }) => id),
  );
  await saveRegrouped(
    deps,
    call,
    undone,
    'undone',
    steps.map(({ before, after }) => ({ before, after: { ...after, ...latest.get(after.id) } })),
  );
  return changed(undone, undone.id);
}

/** The latest of those that came after it: it is undone first. */
function laterId({ id }: Regrouping, rows: readonly Conversation[]): RegroupingId | null {
  const later = rows.flatMap(({ regroupingId }) =>
    regroupingId === null || regroupingId === id ? [] : [regroupingId],
  );
  return later.toSorted().at(-1) ?? null;
}

async function separate(
  { trx }: CommandCall<DB>,
  locked: Conversations,
  { tenantId, id, conversationId, details }: Regrouping<MergeDetails>,
): Promise<RegroupedStep[]> {
  const partOfSegment = new Map(
    details.from.flatMap((part) => part.segmentIds.map((segmentId) => [segmentId, part.conversationId] as const)),
  );
  const since = (await messagesSince(trx, tenantId, id)).map((message) => ({
    ...message,
    partId: partOfSegment.get(message.segmentId) ?? conversationId,
  }));
  const parts = undoMerge(details, locked, since);
  for (const part of details.from) {
    const way = { tenantId, from: conversationId, into: part.conversationId };
    await moveSegments(trx, way, part.segmentIds);
    const segments = await segmentsByIds(trx, tenantId, part.segmentIds);
    await saveSegments(
      trx,
      [...segments.values()].map((segment) => ({ ...segment, conversationId: part.conversationId })),
    );
    await returnNotes(trx, way, part.noteIds);
    await returnDrafts(trx, way, part.drafts);
    await countToPrevious(trx, { tenantId, conversationId: part.conversationId }, { id, previousId: part.previousId });
  }
  await countToPrevious(trx, { tenantId, conversationId }, { id, previousId: details.into.previousId });
  await separateWork(trx, details, parts, locked);
  return [parts.into, ...parts.from].flatMap((after) => {
    const before = locked.get(after.id);
    return before === undefined ? [] : [{ before, after }];
  });
}

/** Tags, people and marks, each where they were. Whoever has read everything has read every part. */
async function separateWork(
  trx: CommandCall<DB>['trx'],
  { into: { work }, from }: MergeDetails,
  parts: ReturnType<typeof undoMerge>,
  locked: Conversations,
): Promise<void> {
  const { tenantId, id } = parts.into;
  const got = await Promise.all(
    from.map(async (part) => ({ ...(await workOf(trx, { tenantId, id: part.conversationId })), hadName: true })),
  );
  await takeBackWork(trx, { tenantId, id }, work, got);
  const all = locked.get(id)?.inboundSeq ?? 0;
  const complete = (await marksOf(trx, parts.into)).filter(({ seq }) => seq >= all).map(({ agentId }) => agentId);
  const marksAfter = (marks: MergeDetails['into']['work']['marks'], inboundSeq: number) =>
    new Map<AgentId, number>([
      ...marks.map(({ agentId, seq }) => [agentId, seq] as const),
      ...complete.map((agentId) => [agentId, inboundSeq] as const),
    ]);
  await replaceMarks(trx, parts.into, marksAfter(work.marks, parts.into.inboundSeq));
  for (const [n, part] of parts.from.entries())
    await replaceMarks(trx, part, marksAfter(got[n]?.marks ?? [], part.inboundSeq));
}

async function reunite(
  { trx }: CommandCall<DB>,
  locked: Conversations,
  { tenantId, id, conversationId, details }: Regrouping<SplitDetails>,
): Promise<RegroupedStep[]> {
  const madeId = details.made.conversationId;
  const since = (await messagesSince(trx, tenantId, id)).map((message) => ({
    ...message,
    partId: message.conversationId,
  }));
  const parts = undoSplit(details, locked, since);
  const way = { tenantId, from: madeId, into: conversationId };
  const segments = await segmentsByIds(
    trx,
    tenantId,
    details.cuts.flatMap((cut) => [cut.fromId, cut.madeId]),
  );
  for (const cut of details.cuts) {
    await joinSegment(trx, { ...cut, way });
    const [from, made] = [segments.get(cut.fromId), segments.get(cut.madeId)];
    await deleteSegments(trx, tenantId, [cut.madeId]);
    if (from !== undefined && made !== undefined) await saveSegments(trx, [{ ...from, isLive: made.isLive }]);
  }
  await takeNotes(trx, way);
  await takeDrafts(trx, way);
  await countToPrevious(trx, { tenantId, conversationId }, { id, previousId: details.from.previousId });
  const read = new Map((await marksOf(trx, parts.from)).map(({ agentId, seq }) => [agentId, seq]));
  for (const { agentId, seq } of await marksOf(trx, parts.made)) read.set(agentId, (read.get(agentId) ?? 0) + seq);
  await replaceMarks(trx, parts.from, read);
  return [parts.from, parts.made].flatMap((after) => {
    const before = locked.get(after.id);
    return before === undefined ? [] : [{ before, after }];
  });
}
