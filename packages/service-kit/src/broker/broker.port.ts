import type { TopicName } from '@crossdesk/contracts';

export interface OutgoingRecord {
  readonly topic: TopicName;
  /** Records of one key keep their order. */
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface IncomingRecord {
  readonly topic: TopicName;
  readonly partition: number;
  /** Grows within the partition; gapless on the embedded log, not on Kafka. */
  readonly position: bigint;
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Consecutive records of one partition. */
export interface RecordBatch {
  readonly topic: TopicName;
  readonly partition: number;
  readonly records: readonly IncomingRecord[];
  /** Aborts when the partition is taken away or the consumer stops: give up without committing. */
  readonly signal: AbortSignal;
  /** To be called at least every few seconds in long work; throws when the partition is gone. */
  heartbeat(): Promise<void>;
}

export type OnBatch = (batch: RecordBatch) => Promise<void>;

export interface Subscription {
  /** Members of one group share the partitions. One group always has the same topics. */
  readonly group: string;
  readonly topics: readonly TopicName[];
  readonly batchSizeMax: number;
}

/** The next position to read, by topic and partition. */
export type Positions = Readonly<Record<string, Readonly<Record<number, bigint>>>>;

export interface Tail {
  readonly topics: readonly TopicName[];
  readonly from: Positions;
  readonly batchSizeMax: number;
}

export interface Running {
  /** Finishes the batch in hand, commits it and gives the partitions back. */
  stop(): Promise<void>;
  /** The reason why nothing is consumed any more, for readiness; null while all is well. */
  problem(): string | null;
}

/**
 * The log. Delivery is at least once; the order of a key holds; a batch counts as done when `onBatch` resolves, and
 * comes again when it rejects.
 */
export interface Broker {
  /** Durable when it resolves; order kept per key within the batch and between awaited calls. */
  publish(batch: readonly OutgoingRecord[]): Promise<void>;
  subscribe(subscription: Subscription, onBatch: OnBatch): Promise<Running>;
  /** Reads without a group: every caller sees every record from the given positions on. */
  tail(tail: Tail, onBatch: OnBatch): Promise<Running>;
  /** First kept and next free position of each partition. */
  bounds(topic: TopicName): Promise<ReadonlyMap<number, { earliest: bigint; next: bigint }>>;
  /** Where a group goes on: the partitions for which it has kept a position. */
  committed(group: string, topics: readonly TopicName[]): Promise<Positions>;
  /** Records not yet done by a group, summed over partitions. */
  lag(group: string, topics: readonly TopicName[]): Promise<bigint>;
  close(): Promise<void>;
}
