import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What happened, as those outside the system saw it. `invoke` opens an operation, `ok` says that the system promised it,
 * `info` that nobody knows: an operation without an answer may have happened or not.
 */
export type Operation =
  | {
      readonly op: 'webhook';
      readonly phase: 'invoke' | 'ok' | 'info';
      /** The shop at the platform. */
      readonly shop: string;
      readonly thread: string;
      /** The platform's id of the message. */
      readonly id: string;
    }
  | {
      readonly op: 'reply';
      readonly phase: 'invoke' | 'ok' | 'info';
      readonly clientKey: string;
      /** Unique among all replies: the platform's journal knows it by its words. */
      readonly text: string;
      readonly conversationId: string;
      readonly messageId: string | null;
    }
  /** A customer whose name and words hold a word of his own is to be erased. */
  | {
      readonly op: 'erasure';
      readonly phase: 'invoke' | 'ok';
      readonly canary: string;
      readonly erasureId: string | null;
    }
  /** What one of the subscribers was shown. */
  | {
      readonly op: 'live';
      readonly subscriber: string;
      readonly tenantId: string;
      readonly eventId: string;
      readonly conversationId: string;
      readonly version: number;
    }
  /** A subscriber hung up, having been shown what was written last. */
  | { readonly op: 'left'; readonly subscriber: string }
  /** What a workspace was answered: the platform ids of all messages in it. */
  | { readonly op: 'read'; readonly tenantId: string; readonly externalIds: readonly string[] }
  /** A record that makes no sense, put on the log behind the back of every service, if it was. */
  | { readonly op: 'poison'; readonly phase: 'invoke' | 'ok'; readonly topic: string; readonly key: string }
  | { readonly op: 'fault'; readonly kind: string; readonly detail: string }
  /** What followed a fault; it counts as none. */
  | { readonly op: 'note'; readonly what: string; readonly detail: string }
  | { readonly op: 'sample'; readonly memoryMb: number; readonly connections: number }
  /** How long a blow was felt: until a message written right after it was shown. */
  | { readonly op: 'recovery'; readonly kind: string; readonly targetMs: number; readonly tookMs: number }
  /** How long a quiet tenant waited: for the acknowledgement of a webhook, or until its people were shown the message. */
  | {
      readonly op: 'pace';
      readonly what: 'acknowledged' | 'shown';
      readonly beside: Beside;
      readonly tookMs: number;
    }
  /** What became of a herd of subscribers that lost their gateway. */
  | ({ readonly op: 'herd' } & HerdReturn)
  /** Everything was worked off, so long after the last fault or operation; null = not within the time given. */
  | { readonly op: 'quiet'; readonly tookMs: number | null; readonly waitingFor: readonly string[] };

export interface HerdReturn {
  readonly kind: string;
  readonly size: number;
  /** How many were shown a message written right after the blow. */
  readonly found: number;
  /** From the blow until the gateway said that it is ready, and until all were shown the message. */
  readonly readyMs: number;
  readonly tookMs: number;
  /** How often they connected for it. */
  readonly connects: number;
  /** What ended subscriptions, in words, and how often. */
  readonly ends: Readonly<Record<string, number>>;
  /** The most that a process had so far. */
  readonly memoryMb: number;
  /** Queries of people who only looked, from when the gateway was ready again. */
  readonly asked: number;
  readonly unanswered: number;
  readonly slowestMs: number;
}

/** Who else there was while quiet tenants were measured: many others have together as many messages as the hot one alone. */
export type Beside = 'nobody' | 'as many of others' | 'the hot one';

export type Entry = Operation & { readonly atMs: number };

/** Kept outside the system: a checker that reads only what the system wrote cannot see loss. */
export interface History {
  readonly entries: readonly Entry[];
  add(operation: Operation): void;
}

/** Appends to a file of one JSON object a line, so that a killed run leaves its history behind. */
export function openHistory(file: string | null): History {
  const entries: Entry[] = [];
  if (file !== null) mkdirSync(dirname(file), { recursive: true });
  return {
    entries,
    add: (operation) => {
      const entry = { ...operation, atMs: Date.now() };
      entries.push(entry);
      if (file !== null) appendFileSync(file, `${JSON.stringify(entry)}\n`);
    },
  };
}

type OperationOf<Op extends Operation['op']> = Extract<Entry, { op: Op }>;

export function operations<Op extends Operation['op']>(history: readonly Entry[], op: Op): OperationOf<Op>[] {
  return history.filter((entry): entry is OperationOf<Op> => entry.op === op);
}
