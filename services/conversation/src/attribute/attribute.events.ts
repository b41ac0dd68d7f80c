import type { EventDraft } from '@crossdesk/service-kit';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';
import type { Attribute } from './attribute.domain.ts';

export function attributeChanged(
  { aggregate, conversation, origin }: ChangedConversation,
  { key, type }: Attribute,
  values: { readonly value: string | null; readonly previousValue: string | null },
): EventDraft<'conversation.attribute-changed'> {
  const data = { conversation: snapshotOf(conversation), key, type, ...values };
  return { aggregate, type: 'conversation.attribute-changed', origin, data };
}
