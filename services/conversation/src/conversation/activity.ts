import { type Actor, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import type { AnyEventDraft } from '@crossdesk/service-kit';
import type { Conversation } from './conversation.domain.ts';
import { standingMarks } from './marks.domain.ts';

/** From the one that says least to the one that says most: of several in one step the last one names it. */
export const activityKinds = [
  'changed',
  'member-changed',
  'decision-settled',
  'joined',
  'merged',
  'split',
  'regrouping-undone',
  'escalated',
  'transferred',
] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** What may have changed, in the order in which people are shown it. */
export const factNames = [
  'state',
  'phase',
  'snoozed-until',
  'priority',
  'assignee',
  'team',
  'enquiry-type',
  'enquiry-subtype',
  'marks',
  'complaint-verdict',
  'risk-verdict',
  'attribute',
  'attribute-value',
  'attribute-text',
  'tags',
  'case',
  'member',
  'member-role',
  'regrouping',
  'conversations',
  'decision',
  'outcome',
  'code',
] as const;
export type FactName = (typeof factNames)[number];

export type Facts = Readonly<Partial<Record<FactName, string | null>>>;

/** A fact with its value before and after. */
export interface ChangedFact {
  readonly field: FactName;
  readonly before: string | null;
  readonly after: string | null;
}

/** One step of a conversation: who did it, and what was different after it. */
export interface Activity {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly conversationId: ConversationId;
  readonly version: number;
  readonly kind: ActivityKind;
  readonly actor: Actor;
  readonly before: Facts;
  readonly after: Facts;
  readonly at: Date;
}

/** A step as it is saved: before, after, and the events that tell it. */
export interface Step {
  readonly before: Conversation;
  readonly after: Conversation;
  readonly events: readonly AnyEventDraft[];
}

/** The facts by which people decide what to do. */
function factsOf(conversation: Conversation): Facts {
  const { state, phase, snoozedUntil, priority, assigneeId, teamId, enquiry, marks } = conversation;
  const standing = standingMarks(conversation);
  return {
    state,
    phase,
    'snoozed-until': snoozedUntil?.toISOString() ?? null,
    priority,
    assignee: assigneeId,
    team: teamId,
    'enquiry-type': enquiry?.type ?? null,
    'enquiry-subtype': enquiry?.subtype ?? null,
    marks: standing.length === 0 ? null : standing.join(', '),
    'complaint-verdict': marks.complaint?.word?.verdict ?? null,
    'risk-verdict': marks.risk?.word?.verdict ?? null,
  };
}

interface Told {
  readonly kind: ActivityKind;
  readonly before: Facts;
  readonly after: Facts;
}

/** What an event tells besides the facts of the conversation; null for messages, notes and deliveries. */
function toldBy(event: AnyEventDraft): Told | null {
  switch (event.type) {
    case 'conversation.changed': {
      const { change, tags, previousTags, caseId } = event.data;
      const kind = change === 'escalated' || change === 'joined' ? change : 'changed';
      if (caseId !== undefined)
        return change === 'case-linked'
          ? { kind, before: { case: null }, after: { case: caseId } }
          : { kind, before: { case: caseId }, after: { case: null } };
      if (tags === undefined) return { kind, before: {}, after: {} };
      return { kind, before: { tags: (previousTags ?? []).join(', ') }, after: { tags: tags.join(', ') } };
    }
    case 'conversation.regrouped': {
      const { operation, regroupingId, conversationIds, conversation } = event.data;
      const others = conversationIds.filter((id) => id !== conversation.conversationId);
      const kind = operation === 'undone' ? 'regrouping-undone' : operation;
      return { kind, before: {}, after: { regrouping: regroupingId, conversations: others.join(', ') } };
    }
    case 'conversation.attribute-changed': {
      const { key, type, value, previousValue } = event.data;
      // What people wrote has a name of its own: it is erased with the buyer.
      const name = type === 'text' || type === 'link' ? 'attribute-text' : 'attribute-value';
      const before = { attribute: key, [name]: previousValue };
      return { kind: 'changed', before, after: { attribute: key, [name]: value } };
    }
    case 'conversation.transferred':
      return { kind: 'transferred', before: {}, after: {} };
    case 'conversation.member-changed': {
      const { agentId, role } = event.data;
      if (role === null) return { kind: 'member-changed', before: { member: agentId }, after: { member: null } };
      return { kind: 'member-changed', before: { member: null }, after: { member: agentId, 'member-role': role } };
    }
    case 'conversation.decision-settled': {
      const { decisionId, outcome, code } = event.data;
      return { kind: 'decision-settled', before: {}, after: { decision: decisionId, outcome, code } };
    }
    default:
      return null;
  }
}

/** A message of the buyer is theirs, though the platform has delivered it. */
function actorOf({ type, data, origin }: AnyEventDraft): Actor {
  const isOfBuyer = type === 'conversation.message-added' && data.author === 'buyer';
  return isOfBuyer ? { kind: 'customer', id: null } : origin.actor;
}

function only(facts: Facts, names: readonly FactName[]): Facts {
  return Object.fromEntries(names.map((name) => [name, facts[name] ?? null]));
}

function merged(facts: readonly Facts[]): Facts {
  return facts.reduce((all, some) => ({ ...all, ...some }), {});
}

/** What becomes of a step in the history of the conversation; null if nobody decides by it. */
export function activityOf({ before, after, events }: Step): Omit<Activity, 'at'> | null {
  const [first] = events;
  if (first === undefined) return null;
  const told = events.flatMap((event) => toldBy(event) ?? []);
  const [was, is] = [factsOf(before), factsOf(after)];
  const changed = factNames.filter((name) => was[name] !== is[name]);
  const earlier = merged([only(was, changed), ...told.map((one) => one.before)]);
  const later = merged([only(is, changed), ...told.map((one) => one.after)]);
  const kinds = told.map(({ kind }) => activityKinds.indexOf(kind));
  if (Object.keys(later).length === 0 && Math.max(0, ...kinds) === 0) return null;
  return {
    tenantId: after.tenantId,
    id: newId(),
    conversationId: after.id,
    version: after.version,
    kind: activityKinds[Math.max(0, ...kinds)] ?? 'changed',
    actor: actorOf(first),
    before: earlier,
    after: later,
  };
}
