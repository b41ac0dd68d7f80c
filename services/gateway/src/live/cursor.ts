import { refusal } from '../errors.ts';

/** The next position to read of every partition, by partition number. */
export type Vector = readonly bigint[];

export interface Bounds {
  readonly earliest: bigint;
  readonly next: bigint;
}

const version = 1;
const cursorCharactersMax = 2_000;

/** A cursor: where a stream stands, as opaque text. */
export function encodeCursor(vector: Vector): string {
  return Buffer.from([version, ...vector].join('.')).toString('base64url');
}

/**
 * Reads a cursor against what the log holds now.
 * @throws GraphQLError CURSOR_INVALID for any text this log has not given out; CURSOR_EXPIRED when it is too old
 */
export function decodeCursor(cursor: string, bounds: readonly Bounds[]): Vector {
  const text = cursor.length > cursorCharactersMax ? '' : Buffer.from(cursor, 'base64url').toString('latin1');
  const isNumbers = /^1(\.(0|[1-9]\d{0,18}))+$/.test(text);
  const vector = isNumbers ? text.split('.').slice(1).map(BigInt) : [];
  // One position has one spelling, so a cursor that was changed at any place is refused.
  if (vector.length !== bounds.length || encodeCursor(vector) !== cursor) throw invalid();
  bounds.forEach(({ next }, partition) => {
    if ((vector[partition] ?? 0n) > next) throw invalid();
  });
  if (bounds.some(({ earliest }, partition) => (vector[partition] ?? 0n) < earliest)) {
    throw refusal(
      'CURSOR_EXPIRED',
      'the log no longer holds the events behind this cursor: read the inbox anew, then subscribe without `after`',
    );
  }
  return vector;
}

function invalid() {
  return refusal(
    'CURSOR_INVALID',
    'this is no cursor of the inbox stream: give `after` the cursor of an event just as it came',
  );
}
