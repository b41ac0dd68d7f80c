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

/** Records of one or several partitions, consecutive in each of them. */
export interface RecordBatch {
  readonly records: readonly IncomingRecord[];
  /** Aborts when a partition is revoked or the consumer stops: give up without committing. */
  readonly signal: AbortSignal;
  /** Call it at least every few seconds during long work; throws when a partition was lost. */
  heartbeat(): Promise<void>;
}

export type OnBatch = (batch: RecordBatch) => Promise<void>;

export interface Subscription {
  /** Members of one group share the partitions. A group always has the same topics. */
  readonly group: string;
  readonly topics: readonly TopicName[];
  /** Records of one batch. */
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
  /** Finishes the current batch, commits it and gives the partitions back. */
  stop(): Promise<void>;
  /** The reason why nothing is consumed any more, for readiness; null while it works. */
  problem(): string | null;
}

/**
 * The log. Delivery is at least once, in order for each key. A batch counts as done when `onBatch` resolves, and is
 * delivered again when it rejects.
 */
export interface Broker {
  /** Records are durable when it resolves; order is kept per key within the batch and between awaited calls. */
  publish(batch: readonly OutgoingRecord[]): Promise<void>;
  subscribe(subscription: Subscription, onBatch: OnBatch): Promise<Running>;
  /** Reads without a group: every caller sees every record from the given positions on. */
  tail(tail: Tail, onBatch: OnBatch): Promise<Running>;
  /** First kept and next free position of each partition. */
  bounds(topic: TopicName): Promise<ReadonlyMap<number, { earliest: bigint; next: bigint }>>;
  /** The positions from which a group continues: only partitions for which it has committed one. */
  committed(group: string, topics: readonly TopicName[]): Promise<Positions>;
  /** Records that a group has not processed yet, summed over partitions. */
  lag(group: string, topics: readonly TopicName[]): Promise<bigint>;
  close(): Promise<void>;
}
