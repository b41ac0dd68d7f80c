import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What happened, seen from outside the system. `invoke` begins an operation; `ok` means that the system promised it; `info`
 * means that there was no answer, so it may have happened or not.
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
      /** Unique among all replies, because the journal of the platform has only the text. */
      readonly text: string;
      readonly conversationId: string;
      readonly messageId: string | null;
    }
  /** Somebody took a conversation, and was told that it is theirs, or not. */
  | {
      readonly op: 'claim';
      readonly conversationId: string;
      readonly agentId: string;
      readonly isTheirs: boolean;
    }
  /** A bulk job was accepted. */
  | { readonly op: 'bulk'; readonly jobId: string; readonly conversationIds: readonly string[] }
  /** A customer is to be erased whose name and messages hold a planted word, the canary. */
  | {
      readonly op: 'erasure';
      readonly phase: 'invoke' | 'ok';
      readonly canary: string;
      readonly erasureId: string | null;
    }
  /** One of the subscribers was shown an event. */
  | {
      readonly op: 'live';
      readonly subscriber: string;
      readonly tenantId: string;
      readonly eventId: string;
      readonly conversationId: string;
      readonly version: number;
    }
  /** A subscriber left after it was shown the last message. */
  | { readonly op: 'left'; readonly subscriber: string }
  /** The platform ids of all messages that a workspace was shown. */
  | { readonly op: 'read'; readonly tenantId: string; readonly externalIds: readonly string[] }
  /** The harness publishes a record that cannot be read; `ok` when the log confirmed it. */
  | { readonly op: 'poison'; readonly phase: 'invoke' | 'ok'; readonly topic: string; readonly key: string }
  | { readonly op: 'fault'; readonly kind: string; readonly detail: string }
  /** What followed a fault; it is not counted as a fault. */
  | { readonly op: 'note'; readonly what: string; readonly detail: string }
  | { readonly op: 'sample'; readonly memoryMb: number; readonly connections: number }
  /** The time from a fault until a message that was written right after it was shown. */
  | { readonly op: 'recovery'; readonly kind: string; readonly targetMs: number; readonly tookMs: number }
  /** How long a quiet tenant waited for the acknowledgement of a webhook, or until the message was shown. */
  | {
      readonly op: 'pace';
      readonly what: 'acknowledged' | 'shown';
      readonly beside: Beside;
      readonly tookMs: number;
    }
  /** How many subscribers lost their gateway and how they came back. */
  | ({ readonly op: 'herd' } & HerdReturn)
  /** The time until all work was done after the last fault or operation; null = not within the given time. */
  | { readonly op: 'quiet'; readonly tookMs: number | null; readonly waitingFor: readonly string[] };

export interface HerdReturn {
  readonly kind: string;
  readonly size: number;
  /** How many were shown a message that was written right after the fault. */
  readonly found: number;
  /** From the fault until the gateway was ready, and until all were shown the message. */
  readonly readyMs: number;
  readonly tookMs: number;
  /** How often they connected meanwhile. */
  readonly connects: number;
  /** How often subscriptions ended, by reason. */
  readonly ends: Readonly<Record<string, number>>;
  /** The most memory of a process so far. */
  readonly memoryMb: number;
  /** Queries of other people after the gateway was ready again. */
  readonly asked: number;
  readonly unanswered: number;
  readonly slowestMs: number;
}

/** Which other tenants were busy while quiet tenants were measured. The many others together have as many messages as the hot one. */
export type Beside = 'nobody' | 'as many of others' | 'the hot one';

export type Entry = Operation & { readonly atMs: number };

/** Kept outside the system, because what the system lost is not in its own data. */
export interface History {
  readonly entries: readonly Entry[];
  add(operation: Operation): void;
}

/** Appends each entry to a file as a line of JSON, so that the history of a killed run is there. */
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
