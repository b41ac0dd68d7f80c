import type { Client } from 'pg';
import { type Violation, violation } from '../checkers/checker.port.ts';
import { newTypes } from './measured.ts';

const readers = ['automation.language', 'conversation.inbox'] as const;

/** A message that one of its readers has taken. */
export interface Reading {
  readonly reader: (typeof readers)[number];
  readonly atMs: number;
  /** Which version published it, and which version of the reader took it. */
  readonly isOfNext: boolean;
  readonly isReadByNext: boolean;
}

/** A part of the run in which certain versions ran. */
export interface Stage {
  readonly name: string;
  readonly runs: 'old' | 'next' | 'both';
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fewer may be what a member has read before it left, and no proof that both versions read at the same time. */
const timesMin = 5;

/**
 * F26: a run in which the versions never met proves nothing. While both run, each must read messages that each has published;
 * while one runs alone, the other must read nothing. It counts as I9, so that I10 is only about events that cannot be read.
 */
export function neverMet(stages: readonly Stage[], readings: readonly Reading[]): Violation[] {
  return countReadings(stages, readings).flatMap(({ stage, reader, isOfNext, isReadByNext, times }) => {
    const isForeign = stage.runs !== 'both' && isReadByNext !== (stage.runs === 'next');
    const isExpected = stage.runs === 'both' || (!isForeign && isOfNext === isReadByNext);
    const isAsItMustBe = isForeign ? times === 0 : !isExpected || times >= timesMin;
    const what = `${stage.name}: ${reader} of the ${nameOf(isReadByNext)} version read ${times} messages of the ${nameOf(isOfNext)} one`;
    return isAsItMustBe ? [] : [violation('I9', 'wrong', what)];
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
  /** Whether the column of the next version is filled; null for readers without such a column. */
  readonly isFilled: boolean | null;
}

/**
 * Who published and who read shows in the data: the next version adds a field to the event of ingest and publishes a type of its
 * own after it, fills a column in automation, and appends an event in conversation.
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
