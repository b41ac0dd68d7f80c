import type { EventType, TopicName } from '@crossdesk/contracts';
import { Client } from 'pg';
import type { KitRow } from '../db/kit-tables.ts';

/** An event of a service's history. */
export interface HistoryRow extends Pick<KitRow<'outbox_event'>, 'event_id' | 'traceparent' | 'seq'> {
  readonly envelope: string;
  /** When the relay marked it as published; null before that. */
  readonly published_at: string | null;
}

/**
 * The position up to which a history has been read: the relay marks one batch after another, so this order is that of
 * the log.
 */
interface Place {
  readonly published_at: string;
  readonly seq: string;
}

/** The outbox of a service, read as the history of what happened. */
export interface History {
  /** Everything published that has not been read yet, in the order of the log, page by page. */
  read(onPage: (rows: readonly HistoryRow[]) => Promise<void>): Promise<void>;
  /** Events that the relay has not marked yet, whether they are on the log or not. */
  pending(): Promise<HistoryRow[]>;
  close(): Promise<void>;
}

const pageRows = 2_000;
/** No event commits later than this after its id was created, by any clock: later reads look no further back. */
const commitWithin = '1 hour';
/** As text, so that no precision is lost. Note that an unqualified name in `order by` means the text. */
const columns =
  'event_id, envelope::text as envelope, traceparent, published_at::text as published_at, seq::text as seq';

/** Opens the history of the given kinds of events. `url` is the address of the owner's worker role. */
export async function openHistory(
  url: string,
  topics: readonly TopicName[],
  types: readonly EventType[],
): Promise<History> {
  const client = new Client({ connectionString: url, application_name: 'crossdesk rebuild' });
  await client.connect();
  // The whole history is sorted once; below this it would be sorted on disk.
  await client.query(`set work_mem to '256MB'`);
  const wanted = `topic = any($1) and envelope->>'type' = any($2)`;
  let place: Place = { published_at: '-infinity', seq: '0' };
  /** The first id at which a later read may find new events; null before the first read. */
  let floor: string | null = null;

  async function readAll(onPage: (rows: readonly HistoryRow[]) => Promise<void>): Promise<void> {
    const known = floor ?? '00000000-0000-0000-0000-000000000000';
    await client.query('begin isolation level repeatable read read only');
    const { rows } = await client.query<{ floor: string }>(
      `select least((select event_id from outbox_event where published_at is null order by event_id limit 1),
        (select (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-0000-0000-000000000000')::uuid from (
          select lpad(to_hex((extract(epoch from now() - interval '${commitWithin}') * 1000)::bigint), 12, '0') as h) t)) as floor`,
    );
    await client.query(
      `declare history no scroll cursor for
       select ${columns} from outbox_event
       where ${wanted} and event_id >= $3 and (published_at, seq) > ($4::timestamptz, $5::bigint)
       order by outbox_event.published_at, outbox_event.seq`,
      [topics, types, known, place.published_at, place.seq],
    );
    const fetch = () => client.query<HistoryRow>(`fetch ${pageRows} from history`).then((page) => page.rows);
    let page = await fetch();
    while (page.length > 0) {
      // The next page is read while this one is applied.
      const next = fetch();
      next.catch(() => undefined);
      await onPage(page);
      const last = page.at(-1);
      if (last?.published_at != null) place = { published_at: last.published_at, seq: last.seq };
      page = await next;
    }
    await client.query('commit');
    floor = rows[0]?.floor ?? floor;
  }

  return {
    read: readAll,
    async pending() {
      const { rows } = await client.query<HistoryRow>(
        `select ${columns} from outbox_event where published_at is null and ${wanted} order by outbox_event.seq`,
        [topics, types],
      );
      return rows;
    },
    close: () => client.end(),
  };
}
