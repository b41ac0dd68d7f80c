import type { Conversation } from '../conversation/conversation.domain.ts';

const stateText = {
  unread: 'The buyer has written and nobody has read it.',
  pending: 'The buyer has been read, and is owed an answer.',
  transferred: 'It was handed over before, and not opened since.',
  handled: 'Nothing is owed.',
} as const;

/** Where a conversation stands, for whoever takes it over, after why they get it. */
export function summarise(
  conversation: Pick<
    Conversation,
    'state' | 'priority' | 'unreadCount' | 'waitingSince' | 'lastMessagePreview' | 'enquiry' | 'language'
  >,
  beginning: string,
  now: Date,
): string {
  const { state, priority, waitingSince, lastMessagePreview, enquiry, language } = conversation;
  const lines = [
    beginning,
    stateText[state],
    ...(waitingSince === null ? [] : [`They have waited ${spanText(now.getTime() - waitingSince.getTime())}.`]),
    ...(priority === 'normal' ? [] : [`Priority: ${priority}.`]),
    ...(enquiry === null ? [] : [`About: ${enquiry.subtype ?? enquiry.type}.`]),
    ...(language === null ? [] : [`Language: ${language}.`]),
    ...(lastMessagePreview === null ? [] : [`Last message: ${lastMessagePreview}`]),
  ];
  return lines.join('\n');
}

function spanText(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
