import type { Client } from 'pg';
import { type Violation, violation } from '../checkers/checker.port.ts';
import { newTypes } from './next-version.ts';

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

/**
 * What the next version leaves behind tells who did what: a field in the event of ingest and a type of its own before it, a
 * column filled by automation, an event appended by conversation.
 */
export async function readReadings(client: Client): Promise<Reading[]> {
  const { rows } = await client.query<Reading>(
    `with measured as (
       select envelope ->> 'type' as type, (envelope -> 'data' ->> 'messageId')::uuid as message_id from (
         select envelope from ingest.outbox_event union all select envelope from conversation.outbox_event) events
       where envelope ->> 'type' = any($1)
     ), received as (
       select (e.envelope -> 'data' ->> 'messageId')::uuid as message_id,
         e.envelope -> 'data' -> 'wordCount' is not null and m.message_id is not null as of_next
       from ingest.outbox_event e left join measured m
         on m.type = $2 and m.message_id = (e.envelope -> 'data' ->> 'messageId')::uuid
       where e.envelope ->> 'type' = 'ingest.message-received'
     )
     select 'automation.language' as reader, extract(epoch from a.analysed_at)::float8 * 1000 as "atMs",
       of_next as "isOfNext", a.word_count is not null as "isReadByNext"
     from received join automation.message_analysis a using (message_id)
     union all
     select 'conversation.inbox', extract(epoch from c.recorded_at)::float8 * 1000, of_next, m.message_id is not null
     from received r join conversation.message c on c.id = r.message_id
       left join measured m on m.type = $3 and m.message_id = r.message_id`,
    [Object.values(newTypes), newTypes.ingest, newTypes.conversation],
  );
  return rows;
}
