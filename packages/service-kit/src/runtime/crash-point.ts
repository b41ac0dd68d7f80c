import { writeSync } from 'node:fs';

/**
 * Points between two steps at which a process may die, and what is done by then. docs/reliability.md says which runs
 * use them.
 */
export type CrashPoint =
  /** Ingest has the body and has not checked its signature. */
  | 'webhook-received'
  /** The signature is valid, no transaction has begun. */
  | 'webhook-verified'
  /** Receipt and events are written, but not committed. */
  | 'webhook-stored'
  /** The delivery is committed, but the platform has no answer yet. */
  | 'webhook-committed'
  /** The platform has its 200. */
  | 'webhook-answered'
  /** The relay has read events and published none. */
  | 'outbox-read'
  /** The log has the events, but the outbox has not marked them. */
  | 'events-published'
  /** A consumer has a batch and has written nothing. */
  | 'batch-read'
  /** The effects of the batch are written, but not committed. */
  | 'batch-applied'
  /** The effects are committed, but the position in the log is not. */
  | 'batch-committed'
  /** A dead letter is committed. */
  | 'event-parked'
  /** A reply is claimed, the platform is not called yet. */
  | 'send-claimed'
  /** The platform has answered, but the answer is not read. */
  | 'call-answered'
  /** The answer to a send is known, but nothing is recorded. */
  | 'send-answered'
  /** The outcome of a reply is written, but not committed. */
  | 'delivery-saved'
  /** The platform gave new tokens, but they are not saved. */
  | 'token-renewed'
  /** One migration of a schema is applied, but not committed. */
  | 'migration-applied'
  /** An audit entry is written, but the head of its chain is not. */
  | 'audit-entry-written'
  /** One service has erased, but the next does not know it yet. */
  | 'erasure-step-committed'
  /** A poll is done, but its result is not recorded. */
  | 'poll-turn-ended';

interface Armed {
  readonly point: string;
  readonly place: string | null;
  hitsLeft: number;
}

/** Only a process that was told to be the subject of a crash test can be armed; anywhere else the variable is ignored. */
const armed = process.env['CROSSDESK_CRASH_TEST'] === 'yes' ? parse(process.env['CROSSDESK_CRASH_AT'] ?? '') : null;

/**
 * Kills this process with SIGKILL when it is armed here (`CROSSDESK_CRASH_AT=webhook-stored:7`: at the seventh pass;
 * `batch-applied@crm.links:2`: at the second pass of that consumer). Nothing is flushed, as in a power cut. Unarmed it does nothing.
 */
export function crashPoint(point: CrashPoint, place: string): void {
  if (armed === null || armed.point !== point || (armed.place !== null && armed.place !== place)) return;
  armed.hitsLeft -= 1;
  if (armed.hitsLeft > 0) return;
  writeSync(2, `crash point ${point}@${place}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal takes effect at the latest when this thread enters the kernel next; until then nothing may go on.
  for (;;);
}

function parse(text: string): Armed | null {
  const [, point, place, hits] = /^([a-z-]+)(?:@([a-z.]+))?:(\d+)$/.exec(text) ?? [];
  return point === undefined ? null : { point, place: place ?? null, hitsLeft: Number(hits) };
}
