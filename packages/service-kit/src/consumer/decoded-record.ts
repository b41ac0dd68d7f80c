import { type AnyEvent, ContractViolation, decodeEvent, UnknownEvent } from '@crossdesk/contracts';
import type { IncomingRecord } from '../broker/broker.port.ts';
import { type ConsumerSpec, typesOf } from './consumer.port.ts';
import type { EventHead } from './dead-letters.ts';

/** A record with its event, or with the reason why it cannot be read. */
export type DecodedRecord = { readonly record: IncomingRecord } & (
  { readonly event: AnyEvent; readonly problem: null } | { readonly event: null; readonly problem: ContractViolation }
);

export function decodeRecord(record: IncomingRecord): DecodedRecord {
  try {
    return { record, event: decodeEvent(record.value), problem: null };
  } catch (error) {
    if (!(error instanceof ContractViolation)) throw error;
    return { record, event: null, problem: error };
  }
}

/** The known part of the event, even if it cannot be read; null when nothing is known. */
export function headOf({ event, problem }: DecodedRecord): EventHead | null {
  return event ?? problem?.envelope ?? null;
}

/** Whether a consumer has to process a record: all records except those known to be of types it does not handle. */
export function concerns<Tables>(spec: ConsumerSpec<Tables>): (decoded: DecodedRecord) => boolean {
  const handled = new Set<string>(typesOf(spec));
  return (decoded) => {
    const type = headOf(decoded)?.type;
    return type === undefined || handled.has(type);
  };
}

/**
 * True if a newer process published it, so that it can be read after an upgrade. Any other unreadable record stays
 * wrong.
 */
export function isReadableLater({ problem }: DecodedRecord): boolean {
  return problem instanceof UnknownEvent;
}
