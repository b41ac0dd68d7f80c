import type { Client } from 'pg';
import { type Violation, violation } from '../checkers/checker.port.ts';
import { newTypes } from './measured.ts';

const readers = ['automation.language', 'conversation.inbox'] as const;

/** A message as one of its readers took it. */
export interface Reading {
  readonly reader: (typeof readers)[number];
  readonly atMs: number;
  /** Which version published it, and which one of the readers of its group took it. */
  readonly isOfNext: boolean;
  readonly isReadByNext: boolean;
}

/** Which versions ran from when to when. */
export interface Stage {
  readonly name: string;
  readonly runs: 'old' | 'next' | 'both';
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fewer would be what a member read before it left, not what two read side by side. */
const timesMin = 5;

/**
 * F26: a run in which the versions never met proves nothing. While both run, each reads what each published; while one
 * runs alone, nothing is read by the other.
 */
export function neverMet(stages: readonly Stage[], readings: readonly Reading[]): Violation[] {
  return countReadings(stages, readings).flatMap(({ stage, reader, isOfNext, isReadByNext, times }) => {
    const isForeign = stage.runs !== 'both' && isReadByNext !== (stage.runs === 'next');
    const isExpected = stage.runs === 'both' || (!isForeign && isOfNext === isReadByNext);
    const isAsItMustBe = isForeign ? times === 0 : !isExpected || times >= timesMin;
    const what = `${stage.name}: ${reader} of the ${nameOf(isReadByNext)} version read ${times} messages of the ${nameOf(isOfNext)} one`;
    return isAsItMustBe ? [] : [violation('I10', 'wrong', what)];
  });
}

export function countReadings(stages: readonly Stage[], readings: readonly Reading[]) {
  return stages.flatMap((stage) =>
    readers.flatMap((reader) =>
      [false, true].flatMap((isOfNext) =>
        [false, true].map((isReadByNext) => {
          const times = readings.filter(
            (one) =>
              one.reader === reader &&
              one.isOfNext === isOfNext &&
              one.isReadByNext === isReadByNext &&
              one.atMs >= stage.fromMs &&
              one.atMs < stage.toMs,
          ).length;
          return { stage, reader, isOfNext, isReadByNext, times };
        }),
      ),
    ),
  );
}

function nameOf(isNext: boolean): string {
  return isNext ? 'next' : 'old';
}

interface Taken {
  readonly reader: Reading['reader'];
  readonly messageId: string;
  readonly atMs: number;
  /** Null where another trace tells. */
  readonly isFilled: boolean | null;
}

/**
 * What the next version leaves behind tells who did what: a field in the event of ingest and a type of its own before it, a
 * column filled by automation, an event appended by conversation.
 */
export async function readReadings(client: Client): Promise<Reading[]> {
  const idsOf = async (service: string, condition: string, type: string): Promise<ReadonlySet<string>> => {
    const { rows } = await client.query<{ id: string }>(
      `select envelope -> 'data' ->> 'messageId' as id from ${service}.outbox_event
       where envelope ->> 'type' = $1 and ${condition}`,
      [type],
    );
    return new Set(rows.map(({ id }) => id));
  };
  const received = await idsOf('ingest', 'true', 'ingest.message-received');
  const withField = await idsOf('ingest', `envelope -> 'data' -> 'wordCount' is not null`, 'ingest.message-received');
  const measured = await idsOf('ingest', 'published_at is not null', newTypes.ingest);
  const counted = await idsOf('conversation', 'published_at is not null', newTypes.conversation);
  const { rows } = await client.query<Taken>(
    `select 'automation.language' as reader, message_id as "messageId", word_count is not null as "isFilled",
       extract(epoch from analysed_at)::float8 * 1000 as "atMs"
     from automation.message_analysis
     union all
     select 'conversation.inbox', id, null, extract(epoch from recorded_at)::float8 * 1000 from conversation.message`,
  );
  return rows
    .filter(({ messageId }) => received.has(messageId))
    .map(({ reader, messageId, atMs, isFilled }) => ({
      reader,
      atMs,
      isOfNext: withField.has(messageId) && measured.has(messageId),
      isReadByNext: isFilled ?? counted.has(messageId),
    }));
}
