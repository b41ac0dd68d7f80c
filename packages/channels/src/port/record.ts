import type { MessageKind } from '@crossdesk/contracts';

/** The kinds of messages that are a file. */
export const fileKinds = ['image', 'video', 'audio', 'file'] as const;
export type FileKind = (typeof fileKinds)[number];

export interface FileLimits {
  /** Null if no limit is known. */
  readonly bytesMax: number | null;
  /** Null if every type is accepted. */
  readonly mimeTypes: readonly string[] | null;
  /** The longest text that is shown with the file; 0 = none. */
  readonly captionCharactersMax: number;
}

/** What a channel can do. A reply is checked against it before it is accepted, so that a refusal with a reason comes at once. */
export interface Capabilities {
  /**
   * keyed: the platform executes each key once, so a repeat is safe. readable: the thread can be read back to find the
   * outcome. opaque: an unknown outcome needs a person (or a late receipt).
   */
  readonly effectClass: 'keyed' | 'readable' | 'opaque';
  readonly receives: readonly MessageKind[];
  readonly sends: readonly MessageKind[];
  /** UTF-16 units: the strictest way to count, so that no platform refuses what passes here. */
  readonly textCharactersMax: number;
  /** The files the channel accepts, of each kind it sends. */
  readonly files: Readonly<Partial<Record<FileKind, FileLimits>>>;
  /** Hours after the last message of the buyer in which a free-form reply is allowed; null = no window. */
  readonly replyWindowHours: number | null;
  /** Hours in which the platform counts on a person's answer; null = it counts nothing. A default: workspaces may set another. */
  readonly answerWithinHours: number | null;
  /** Days for which the consent of a seller lasts if the platform does not tell its end; null = until it is taken back. */
  readonly authorisationDays: number | null;
  /** How many days before the end of a consent people are warned, each once. A default: installations may set another. */
  readonly authorisationWarnDays: readonly number[];
  readonly sendsPerSecondMax: number;
  /** Sends of one account per UTC day; null = no limit. */
  readonly sendsPerDayMax: number | null;
  /** The precision of the platform's message times: 1000 for whole seconds. */
  readonly timeStepMs: number;
  /** The longest time the platform may take to show an accepted message; only after it can a message count as absent. */
  readonly readBackSettleMs: number;
  readonly reportsDelivered: boolean;
  readonly reportsRead: boolean;
}

/** The capability record of a channel: the single source for accepting and for sending replies. */
export interface ChannelRecord {
  /** The channel word, the same in folders, SQL, events and webhook addresses; upper case in GraphQL. */
  readonly channel: string;
  readonly title: { readonly en: string; readonly zh: string };
  /** The API of the platform, in one sentence. */
  readonly summary: string;
  readonly capabilities: Capabilities;
  /** Values that the platform does not publish, with the origin of ours. */
  readonly unverified: Readonly<Partial<Record<keyof Capabilities, string>>>;
}
