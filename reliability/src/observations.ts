import type { AuditEntry, AuditPlace } from '@crossdesk/service-kit';

/** What the system holds when it is quiet, or right after a crash for what must hold then. */
export interface Observations {
  /** Channel accounts with the name of their shop in the history. */
  readonly accounts: readonly { readonly id: string; readonly tenantId: string; readonly shop: string }[];
  readonly receipts: readonly { readonly addressId: string; readonly deliveryKey: string }[];
  /** Platform messages that ingest has stored. */
  readonly inbound: readonly {
    readonly accountId: string;
    readonly externalId: string;
    readonly messageId: string;
    readonly conversationId: string;
  }[];
  readonly conversations: readonly {
    readonly tenantId: string;
    readonly id: string;
    readonly accountId: string;
    readonly channel: string;
    readonly state: string;
    readonly phase: string;
    readonly assigneeId: string | null;
    readonly teamId: string | null;
    readonly enquiryType: string | null;
    readonly unreadCount: number;
  }[];
  /** In the order in which people read them within a conversation. */
  readonly messages: readonly {
    readonly tenantId: string;
    readonly conversationId: string;
    readonly accountId: string;
    readonly id: string;
    readonly externalId: string | null;
    readonly direction: string;
    readonly author: string;
    readonly status: string | null;
    readonly text: string | null;
    /** Written by a bulk job. */
    readonly isBulk: boolean;
  }[];
  /** Ids of the conversations that no machine may answer: the buyer is angry or wants a person, there is a risk, or the buyer was erased. */
  readonly forPeople: readonly string[];
  /** Ids of the messages whose language is known. */
  readonly analysed: readonly string[];
  /** Ids of the conversations that have a customer. */
  readonly linked: readonly string[];
  /** The histories of all services, in the order of their sequence. */
  readonly outbox: readonly OutboxEvent[];
  readonly log: readonly LogRecord[];
  /** Which consumer has taken which event. */
  readonly processed: readonly { readonly consumer: string; readonly eventId: string }[];
  readonly deadLetters: readonly {
    readonly consumer: string;
    readonly eventId: string;
    readonly topic: string;
    readonly key: string;
    readonly reason: string;
    readonly isReplayed: boolean;
  }[];
  /** The next position that each consumer will read. */
  readonly groups: readonly {
    readonly consumer: string;
    readonly topic: string;
    readonly partition: number;
    readonly next: number;
  }[];
  readonly intents: readonly {
    readonly messageId: string;
    readonly conversationId: string;
    readonly status: string;
    readonly needsPerson: boolean;
    readonly text: string | null;
  }[];
  /** The journal of the platforms: what they executed, in order. */
  readonly executed: readonly { readonly shop: string; readonly externalId: string; readonly text: string | null }[];
  /** What people wrote in the platforms' own consoles. */
  readonly console: readonly { readonly shop: string; readonly externalId: string }[];
  /** Counters as analytics keeps them; empty ones left out. */
  readonly counters: readonly {
    readonly tenantId: string;
    readonly accountId: string;
    readonly channel: string;
    readonly state: string;
    readonly phase: string;
    readonly assigneeId: string | null;
    readonly teamId: string | null;
    readonly enquiryType: string | null;
    readonly conversations: number;
    readonly unread: number;
  }[];
  readonly audit: readonly AuditChain[];
  /** Entries of the queue that nobody gives out, each with a person who is on duty, suitable and has room. */
  readonly waitsInVain: readonly { readonly conversationId: string; readonly agentId: string }[];
  /** To whom the queue gave what, with what they had at that moment and could take. */
  readonly routed: readonly {
    readonly conversationId: string;
    readonly agentId: string;
    readonly strategy: string;
    readonly used: number;
    readonly capacity: number;
  }[];
  /** Clocks of service levels, and what they say that they have told. */
  readonly clocks: readonly { readonly id: string; readonly told: readonly string[]; readonly isBreached: boolean }[];
  readonly bulkItems: readonly {
    readonly jobId: string;
    readonly conversationId: string;
    readonly outcome: string | null;
    /** How many messages were written for it. */
    readonly messages: number;
  }[];
  /** Ids of the conversations of erased customers. */
  readonly erasedConversations: readonly string[];
  /** The ledger of erasures. */
  readonly erasures: readonly { readonly id: string; readonly isCompleted: boolean }[];
  /** Planted words of customers that are to be erased, with each column of a service's table that still holds one. */
  readonly canaries: readonly { readonly canary: string; readonly place: string }[];
}

/** The audit chain of one tenant in one service, and the key that verifies it. */
export interface AuditChain {
  readonly service: string;
  readonly key: Buffer;
  readonly head: AuditPlace;
  readonly entries: readonly AuditEntry[];
}

export interface OutboxEvent {
  readonly service: string;
  readonly seq: number;
  readonly eventId: string;
  readonly tenantId: string;
  readonly topic: string;
  readonly key: string;
  readonly type: string;
  readonly version: number;
  readonly occurredAt: string;
  readonly isPublished: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly key: string;
  /** Null when the bytes are not an event. */
  readonly eventId: string | null;
  readonly type: string | null;
}

export const nothingObserved: Observations = {
  accounts: [],
  receipts: [],
  inbound: [],
  conversations: [],
  messages: [],
  forPeople: [],
  analysed: [],
  linked: [],
  outbox: [],
  log: [],
  processed: [],
  deadLetters: [],
  groups: [],
  intents: [],
  executed: [],
  console: [],
  counters: [],
  audit: [],
  waitsInVain: [],
  routed: [],
  clocks: [],
  bulkItems: [],
  erasedConversations: [],
  erasures: [],
  canaries: [],
};
