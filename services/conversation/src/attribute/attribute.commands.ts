import { newId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  unchanged,
} from '@crossdesk/service-kit';
import { type ChangeInput, type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, next, refuseVersion, seenBy } from '../conversation/conversation.domain.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import {
  type Attribute,
  type AttributeWish,
  decideAttribute,
  readAttributeValue,
  type WantedValue,
} from './attribute.domain.ts';
import { attributeChanged } from './attribute.events.ts';
import * as store from './attribute.store.ts';

/** Makes an attribute of the workspace, changes or archives it. */
export async function saveAttribute(
  { clock }: CommandDeps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  wish: AttributeWish,
): Promise<Outcome<Attribute, 'INVALID_INPUT' | 'ALREADY_EXISTS' | 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const all = await store.lockAttributes(trx, tenantId);
  const decision = decideAttribute(all, wish, { tenantId, id: newId() });
  if (!decision.ok) return decision;
  if (all.includes(decision.value)) return unchanged(decision.value);
  await store.saveAttribute(trx, decision.value, clock.now());
  return changed(decision.value, decision.value.id);
}

const valuesMax = 20;

/** Gives a conversation values, or takes them away: all of them or none. */
export async function setConversationAttributes(
  { outbox, clock }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  { conversationId, expectedVersion, values }: ChangeInput & { readonly values: readonly WantedValue[] },
): Promise<Outcome<Conversation, 'NOT_FOUND' | 'INVALID_INPUT' | 'VERSION_CONFLICT'>> {
  const { tenantId } = actor;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const wanted = readWanted(await store.attributesOf(trx, tenantId), values);
  if (!wanted.ok) return wanted;
  const present = (await store.attributesOfConversations(trx, tenantId, [locked.id])).get(locked.id) ?? [];
  const known = new Map(present.map(({ attribute, value }) => [attribute.key, value]));
  const news = wanted.value.filter(({ attribute, value }) => (known.get(attribute.key) ?? null) !== value);
  if (news.length === 0) return unchanged(locked);
  const conflict = refuseVersion(locked, expectedVersion);
  if (conflict !== null) return conflict;
  const changes: ConversationChange[] = [];
  let before = locked;
  for (const { attribute, value } of news) {
    await store.saveValue(trx, locked, attribute, value);
    const after = seenBy(agentOf(actor), next(before, {}));
    const told = { aggregate: aggregateOf(after), conversation: after, origin };
    const previousValue = known.get(attribute.key) ?? null;
    changes.push({ before, after, events: [attributeChanged(told, attribute, { value, previousValue })] });
    before = after;
  }
  await saveChanges({ outbox, clock }, trx, changes);
  return changed(before, before.id);
}

interface ReadValue {
  readonly attribute: Attribute;
  readonly value: string | null;
}

function readWanted(
  attributes: readonly Attribute[],
  wanted: readonly WantedValue[],
): Decision<ReadValue[], 'INVALID_INPUT' | 'NOT_FOUND'> {
  if (wanted.length === 0 || wanted.length > valuesMax)
    return refuse('INVALID_INPUT', 'values', `Give 1 to ${valuesMax} values.`);
  if (new Set(wanted.map(({ key }) => key)).size < wanted.length)
    return refuse('INVALID_INPUT', 'values', 'Give one value for each attribute.');
  const read: ReadValue[] = [];
  for (const { key, value } of wanted) {
    const attribute = attributes.find((one) => one.key === key);
    if (attribute === undefined || (attribute.isArchived && value !== null))
      return refuse('NOT_FOUND', 'values', `There is no attribute ${key} in use: take one from attributes.`);
    const spelt = value === null ? accept(null) : readAttributeValue(attribute, value, 'values');
    if (!spelt.ok) return spelt;
    read.push({ attribute, value: spelt.value });
  }
  return accept(read);
}
