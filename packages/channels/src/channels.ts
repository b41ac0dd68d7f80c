import { type Channel, records } from './records.generated.ts';
import type { Capabilities, ChannelRecord } from './port/record.ts';

export type { Channel } from './records.generated.ts';

/** All channels. */
export const channels = Object.keys(records) as Channel[];

/** Decodes a channel word; null for a word that this version does not know. */
export function parseChannel(word: string): Channel | null {
  return Object.hasOwn(records, word) ? (word as Channel) : null;
}

/** The record of a channel; null for a channel that this version does not know. */
export function recordOf(channel: string): ChannelRecord | null {
  const known = parseChannel(channel);
  return known === null ? null : records[known];
}

/** What a channel can do. A channel that only a newer version knows is shown, but takes no replies from this version. */
export function capabilitiesOf(channel: string): Capabilities {
  return recordOf(channel)?.capabilities ?? unknownChannel;
}

const unknownChannel: Capabilities = {
  effectClass: 'opaque',
  receives: [],
  sends: [],
  textCharactersMax: 10_000,
  files: {},
  replyWindowHours: null,
  answerWithinHours: null,
  authorisationDays: null,
  authorisationWarnDays: [],
  sendsPerSecondMax: 1,
  sendsPerDayMax: null,
  timeStepMs: 1_000,
  readBackSettleMs: 0,
  reportsDelivered: false,
  reportsRead: false,
};

/** The name of a channel in GraphQL. */
export type ChannelName = { [Word in Channel]: UpperSnake<Word> }[Channel];
type UpperSnake<Word extends string> = Word extends `${infer Head}-${infer Tail}`
  ? `${Uppercase<Head>}_${UpperSnake<Tail>}`
  : Uppercase<Word>;

/** @throws Error for a channel this version does not know, as in the middle of an upgrade */
export function toChannelName(channel: string): ChannelName {
  if (parseChannel(channel) === null) throw new Error(`this version does not know the channel ${channel}: upgrade`);
  return channel.toUpperCase().replaceAll('-', '_') as ChannelName;
}

export function fromChannelName(name: ChannelName): Channel {
  const channel = parseChannel(name.toLowerCase().replaceAll('_', '-'));
  if (channel === null) throw new Error(`the schema has the channel ${name}, but there is no record of it`);
  return channel;
}
