import type { MessageKind } from '@crossdesk/contracts';

export interface PictureLimits {
  readonly bytesMax: number;
  readonly mimeTypes: readonly string[];
}

/** What a channel can do. It is checked before a reply is accepted, so that a refusal comes at once and with a reason. */
export interface Capabilities {
  /**
   * keyed: the platform executes one key once, a repeat is safe. readable: the thread can be read back to learn the
   * outcome. opaque: an unknown outcome needs a person (or a late receipt).
   */
  readonly effectClass: 'keyed' | 'readable' | 'opaque';
  readonly receives: readonly MessageKind[];
  readonly sends: readonly MessageKind[];
  /** UTF-16 units: the strictest way to count, so that no platform refuses what passes here. */
  readonly textCharactersMax: number;
  /** Which pictures the channel takes; null where nothing is known to limit them, or none can be sent. */
  readonly pictures: PictureLimits | null;
  /** Hours after the last message of the buyer in which a free-form reply is allowed; null = no window. */
  readonly replyWindowHours: number | null;
  readonly sendsPerSecondMax: number;
  /** Sends of one account a UTC day; null = no limit. */
  readonly sendsPerDayMax: number | null;
  /** The finest step of the platform's message times: 1000 where it tells whole seconds. */
  readonly timeStepMs: number;
  /** Longest time the platform may take to show a message it accepted; an absence is believed only after it. */
  readonly readBackSettleMs: number;
  readonly reportsDelivered: boolean;
  readonly reportsRead: boolean;
}

/** The capability record of a channel: the one source for whoever accepts replies and whoever sends them. */
export interface ChannelRecord {
  /** The word of the channel, the same in folders, SQL, events and webhook addresses; upper case in GraphQL. */
  readonly channel: string;
  readonly title: { readonly en: string; readonly zh: string };
  /** One sentence: which API of the platform this is. */
  readonly summary: string;
  readonly capabilities: Capabilities;
  /** Values the platform does not publish, with where ours comes from. */
  readonly unverified: Readonly<Partial<Record<keyof Capabilities, string>>>;
}
