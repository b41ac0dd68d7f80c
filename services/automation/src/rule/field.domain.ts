import type { Facts as FactsOn, FieldSpec } from '@crossdesk/condition';
import { orderStates } from '@crossdesk/contracts';
import { intents, riskClasses } from '../analysis/labels.domain.ts';

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

export const conversationStates = ['unread', 'pending', 'handled', 'transferred'] as const;

export const fields = {
  'message.channel': { type: 'word' },
  'message.account': { type: 'word' },
  'message.language': { type: 'word' },
  'message.kind': { type: 'word' },
  'message.words': { type: 'phrases' },
  'message.intents': { type: 'set', values: intents },
  'message.sentiment': { type: 'number', range: [-1, 1] },
  'message.risks': { type: 'set', values: riskClasses },
  'message.isFirst': { type: 'flag' },
  'message.hasOrder': { type: 'flag' },
  'conversation.state': { type: 'word', values: conversationStates },
  'conversation.isAssigned': { type: 'flag' },
  'conversation.waitingMinutes': { type: 'number', range: [0, 1_000_000_000] },
  'conversation.messageCount': { type: 'number', range: [0, 1_000_000_000] },
  'order.state': { type: 'word', values: orderStates },
  'order.daysSincePlaced': { type: 'number', range: [0, 1_000_000] },
  'order.total': { type: 'number', range: [-1e16, 1e16] },
  'order.currency': { type: 'word' },
  'customer.tags': { type: 'set' },
  'customer.tier': { type: 'word' },
  'time.hour': { type: 'number', range: [0, 23] },
  'time.weekday': { type: 'word', values: weekdays },
} as const satisfies Record<string, FieldSpec>;
export type FieldName = keyof typeof fields;

export function specOf(field: FieldName): FieldSpec {
  return fields[field];
}

/** What is known when an event is evaluated, for as long as it is evaluated: a field without a value is unknown. */
export type Facts = FactsOn<FieldName>;
