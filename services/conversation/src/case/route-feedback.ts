import type { AgentId, EventData, TenantId } from '@crossdesk/contracts';
import { causedByEvent, type Delivered, type Origin } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { Priority } from '../clock/policy.domain.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { lockConversation } from '../conversation/conversation.store.ts';
import { segmentsOfThread } from '../conversation/segment.store.ts';
import type { DB } from '../db.ts';
import { caseIdOfFeedback, saveCaseOfFeedback } from './case-feedback.store.ts';
import { isOrderKnown } from './case-link.store.ts';
import { presentDue } from './case.commands.ts';
import { assignCaseTo, type Case, type CaseType, isUnderWay, moveCase, updateDetails } from './case.domain.ts';
import { caseAssigned, caseChanged, caseStateChanged } from './case.events.ts';
import { caseAggregate, lockCase } from './case.store.ts';
import { newCase, recordOpening } from './open-case.ts';
import { type Candidate, chooseLead, chooseSuccessor } from './owner.domain.ts';
import { candidatesFor, mayOwn } from './owner.store.ts';
import { recordStep } from './record-case.ts';

type Trx = Transaction<DB>;
type Told = Delivered<'crm.feedback-received' | 'crm.feedback-escalated'>;
type Data = EventData<'crm.feedback-received'>;

const typeOf: Readonly<Record<Data['type'], CaseType>> = {
  product: 'quality',
  logistics: 'logistics',
  service: 'other',
  price: 'other',
  other: 'other',
};

/**
 * Feedback that somebody has to act on gets a case, once: with the assignee of the conversation, or with a lead if it is
 * escalated. Escalated again, its case is reopened, urgent, and a lead's. Without a conversation there is nothing to do:
 * crm tells it again when one is known.
 */
export async function routeFeedback(deps: CommandDeps, trx: Trx, told: readonly Told[]): Promise<void> {
  for (const one of told) {
    const { tenantId, data } = one.event;
    if (data.handling === 'standard' || data.conversationId === null) continue;
    const origin = causedByEvent(one);
    const caseId = await caseIdOfFeedback(trx, tenantId, data.feedbackId);
    // Conversations are locked before cases, everywhere.
    const conversation = await lockPresent(trx, tenantId, data.conversationId);
    const known = caseId === null ? null : await lockCase(trx, tenantId, caseId);
    // Told again, for instance by a replay: it has its case.
    if (known !== null && one.event.type === 'crm.feedback-received') continue;
    const isRaised = known !== null && (await raise(deps, trx, known, data, origin));
    if (!isRaised) await open(deps, trx, conversation, data, origin);
  }
}

/** Threads are named like the conversation they began; people may have moved them to another one. */
async function lockPresent(trx: Trx, tenantId: TenantId, id: Conversation['id']): Promise<Conversation> {
  const segments = await segmentsOfThread(trx, { tenantId, id });
  const present = segments.find(({ isLive }) => isLive)?.conversationId ?? id;
  const locked = await lockConversation(trx, { tenantId, id: present });
  if (locked === null) throw new Error(`${noConversation.errors[0]?.message ?? ''} Replay the feedback once there is.`);
  return locked;
}

async function open(deps: CommandDeps, trx: Trx, conversation: Conversation, data: Data, origin: Origin) {
  const { tenantId, assigneeId, teamId } = conversation;
  const { feedbackId, type, score, handling } = data;
  const candidates = await candidatesFor(trx, conversation);
  const ownerId = await ownerFor(trx, conversation, { handling, candidates, preferred: assigneeId });
  // A workspace without people: nobody could act on it.
  if (ownerId === null) return;
  const orderId = data.orderId !== null && (await isOrderKnown(trx, tenantId, data.orderId)) ? data.orderId : null;
  const title = ['Feedback 反馈', type, ...(score === null ? [] : [`${score}/5`])].join(' · ');
  const wish = {
    type: typeOf[type],
    title,
    priority: priorityFor(handling),
    owner: { ownerId, teamId },
    openedBy: null,
  };
  const made = await newCase(deps, trx, conversation, wish);
  await recordOpening(deps, { trx, origin }, conversation, made, { note: null, orderId, feedbackId });
  await saveCaseOfFeedback(trx, made, feedbackId);
}

const priorityFor = (handling: Data['handling']): Priority => (handling === 'escalation' ? 'urgent' : 'high');

/** False: the case was closed too long ago, so that another one is opened. */
async function raise(deps: CommandDeps, trx: Trx, known: Case, data: Data, origin: Origin): Promise<boolean> {
  const now = deps.clock.now();
  const reopened = await reopen(deps, trx, known, origin);
  if (reopened === null) return false;
  // Never less urgent than people have made it.
  const priority = known.priority === 'urgent' ? 'urgent' : priorityFor(data.handling);
  const due = await presentDue(trx, reopened, priority, now);
  const change = { expectedVersion: reopened.revision, now };
  const urgent = updateDetails(reopened, { title: null, priority, dueAt: null }, change, due);
  const after = urgent.ok ? urgent.value : reopened;
  if (after !== reopened) {
    const events = [caseChanged(caseAggregate(after), after, 'details', origin)];
    await recordStep(deps, trx, { before: reopened, after, kind: 'changed', events }, origin);
  }
  if (data.handling === 'escalation') await giveToLead(deps, trx, after, origin);
  return true;
}

async function reopen(deps: CommandDeps, trx: Trx, known: Case, origin: Origin): Promise<Case | null> {
  if (isUnderWay(known)) return known;
  const now = deps.clock.now();
  const due = await presentDue(trx, known, known.priority, now);
  const moved = moveCase(known, 'open', { expectedVersion: known.revision, now }, due);
  if (!moved.ok) return null;
  const after = moved.value;
  const events = [caseStateChanged(caseAggregate(after), after, known.state, origin)];
  await recordStep(deps, trx, { before: known, after, kind: 'state-changed', events }, origin);
  return after;
}

async function giveToLead(deps: CommandDeps, trx: Trx, before: Case, origin: Origin): Promise<void> {
  const candidates = await candidatesFor(trx, before);
  if (candidates.some(({ agentId, isLead }) => agentId === before.ownerId && isLead)) return;
  const ownerId = await ownerFor(trx, before, { handling: 'escalation', candidates, preferred: null });
  if (ownerId === null || ownerId === before.ownerId) return;
  const decision = assignCaseTo(before, { ownerId, teamId: before.teamId }, before.revision);
  if (!decision.ok) return;
  const after = decision.value;
  const handed = { previousOwnerId: before.ownerId, reason: 'escalated' } as const;
  const events = [caseAssigned(caseAggregate(after), after, handed, origin)];
  const told = { before: {}, after: { reason: 'escalated' } };
  await recordStep(deps, trx, { before, after, kind: 'assigned', told, events }, origin);
}

interface Choice {
  readonly handling: Data['handling'];
  readonly candidates: readonly Candidate[];
  readonly preferred: AgentId | null;
}

async function ownerFor(
  trx: Trx,
  place: Pick<Case, 'tenantId' | 'accountId'>,
  { handling, candidates, preferred }: Choice,
): Promise<AgentId | null> {
  if (handling !== 'escalation' && preferred !== null && (await mayOwn(trx, place, preferred))) return preferred;
  const chosen = handling === 'escalation' ? chooseLead(candidates) : chooseSuccessor(candidates);
  return chosen !== null && (await mayOwn(trx, place, chosen)) ? chosen : null;
}
