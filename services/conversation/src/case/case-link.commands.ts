import { type AgentId, type CaseId, newId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  liftLimits,
  makeOnce,
  type Outcome,
  refuse,
  refuseText,
  unchanged,
} from '@crossdesk/service-kit';
import { areActivePeople } from '../agent/active-people.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import type { CaseEntry } from './case-entry.domain.ts';
import { findEntry } from './case-entry.store.ts';
import {
  countConversations,
  countLinks,
  deleteLink,
  insertLink,
  isLinked,
  isOrderKnown,
  saveWatcher,
  watchersOfCases,
} from './case-link.store.ts';
import { noCase } from './case.commands.ts';
import { type Case, type CaseLink, caseNoteCharactersMax, linksMax, touchedCase, watchersMax } from './case.domain.ts';
import { caseChanged, caseLinked } from './case.events.ts';
import { caseAggregate, lockCase } from './case.store.ts';
import { noOrder } from './escalate-to-case.commands.ts';
import { linkStep } from './link-conversation.ts';
import { recordStep } from './record-case.ts';

type Call = CommandCall<DB>;

export interface CaseLinkInput {
  readonly caseId: CaseId;
  /** Null: both or neither were given. */
  readonly link: CaseLink | null;
}

const oneLink = refuse('INVALID_INPUT', 'conversationId', 'Give exactly one of conversationId and orderId.');

/** Lets a case be about a further conversation or order, or no longer. The last conversation stays. */
export async function changeLink(
  deps: CommandDeps,
  { trx, actor, origin }: Call,
  { caseId, link, wanted }: CaseLinkInput & { readonly wanted: boolean },
): Promise<Outcome<Case, 'NOT_FOUND' | 'INVALID_INPUT'>> {
  const { tenantId } = actor;
  if (link === null) return oneLink;
  // Conversations are locked before cases, everywhere.
  const conversation =
    'conversationId' in link ? await lockConversation(trx, { tenantId, id: link.conversationId }) : null;
  const locked = await lockCase(trx, tenantId, caseId);
  if (locked === null) return noCase;
  if ('conversationId' in link && conversation === null) return noConversation;
  if ('orderId' in link && !(await isOrderKnown(trx, tenantId, link.orderId))) return noOrder;
  const target: CaseLink = conversation === null ? link : { conversationId: conversation.id };
  await liftLimits(trx);
  if ((await isLinked(trx, locked, target)) === wanted) return unchanged(locked);
  if (wanted && (await countLinks(trx, locked)) >= linksMax)
    return refuse('INVALID_INPUT', 'caseId', `A case is about at most ${linksMax} conversations and orders.`);
  if (!wanted && conversation !== null && (await countConversations(trx, locked)) === 1)
    return refuse(
      'INVALID_INPUT',
      'conversationId',
      'This is the only conversation of the case: link another one first.',
    );
  if (wanted) await insertLink(trx, locked, target, deps.clock.now());
  else await deleteLink(trx, locked, target);
  const after = touchedCase(locked);
  const fact = 'orderId' in target ? { order: target.orderId } : { conversation: target.conversationId };
  const told = wanted ? { before: {}, after: fact } : { before: fact, after: {} };
  const events = [caseLinked(caseAggregate(after), after, target, wanted, origin)];
  await recordStep(deps, trx, { before: locked, after, kind: wanted ? 'linked' : 'unlinked', told, events }, origin);
  if (conversation !== null) await saveChanges(deps, trx, [linkStep(conversation, locked.id, wanted, origin)]);
  return changed(after, after.id);
}

/** Lets somebody follow a case, or follow it no longer. */
export async function watchCase(
  deps: CommandDeps,
  { trx, actor, origin }: Call,
  { caseId, agentId, wanted }: { readonly caseId: CaseId; readonly agentId: AgentId; readonly wanted: boolean },
): Promise<Outcome<Case, 'NOT_FOUND' | 'INVALID_INPUT' | 'FORBIDDEN'>> {
  const locked = await lockCase(trx, actor.tenantId, caseId);
  if (locked === null) return noCase;
  if (!(await areActivePeople(trx, actor.tenantId, [agentId])))
    return refuse('FORBIDDEN', null, 'Only people follow cases: sign in as one.');
  const watchers = (await watchersOfCases(trx, actor.tenantId, [locked.id])).get(locked.id) ?? [];
  if (watchers.includes(agentId) === wanted) return unchanged(locked);
  if (wanted && watchers.length >= watchersMax)
    return refuse('INVALID_INPUT', 'caseId', `At most ${watchersMax} people follow one case.`);
  await saveWatcher(trx, locked, agentId, wanted ? deps.clock.now() : null);
  const after = touchedCase(locked);
  const told = wanted ? { before: {}, after: { watcher: agentId } } : { before: { watcher: agentId }, after: {} };
  const events = [caseChanged(caseAggregate(after), after, 'watcher', origin)];
  await recordStep(deps, trx, { before: locked, after, kind: 'watcher', told, events }, origin);
  return changed(after, after.id);
}

export interface CaseNoteInput {
  readonly clientMutationId: string;
  readonly caseId: CaseId;
  readonly text: string;
}

type NoteRefusal = 'CLIENT_ID_REUSED' | 'INVALID_INPUT' | 'NOT_FOUND' | 'FORBIDDEN';

/** Adds a note for colleagues to a case. Its text stays in this service: no event, log line or platform gets it. */
export async function addCaseNote(
  deps: CommandDeps,
  call: Call,
  { clientMutationId, caseId, text }: CaseNoteInput,
): Promise<Outcome<Case, NoteRefusal>> {
  const { trx, actor, origin } = call;
  const locked = await lockCase(trx, actor.tenantId, caseId);
  const made = await makeOnce<DB, Pick<CaseEntry, 'id'>, NoteRefusal>(
    call,
    { kind: 'case-note', clientMutationId, content: [caseId, text] },
    {
      find: (id) => findEntry(trx, { tenantId: actor.tenantId, id: caseId }, id),
      decide: async () => {
        const malformed = refuseText('text', text, caseNoteCharactersMax);
        if (malformed !== null) return malformed;
        if (agentOf(actor) === null) return refuse('FORBIDDEN', null, 'A note has an author: sign in as one.');
        if (locked === null) return noCase;
        const id = newId();
        const after = touchedCase(locked);
        const events = [caseChanged(caseAggregate(after), after, 'note', origin)];
        const step = { id, before: locked, after, kind: 'note', text, events } as const;
        return accept({ made: { id }, record: () => recordStep(deps, trx, step, origin) });
      },
    },
  );
  if (!made.ok) return made;
  if (locked === null) return noCase;
  return made.did === null ? unchanged(locked) : changed(touchedCase(locked), locked.id);
}
