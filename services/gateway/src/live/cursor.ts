import { createHash } from 'node:crypto';
import { topics } from '@crossdesk/contracts';
import { refusal } from '../errors.ts';
import type { Bounds } from './record-source.ts';
import type { StreamDeclaration } from './stream-declaration.ts';
import { partitionsOf, type Vector } from './stream-partitions.ts';

/** Cursors of one stream: the place of a reader as opaque text. */
export interface Cursors {
  encode(vector: Vector): string;
  /** The cursor before the first record that was ever on the log. */
  readonly beginning: string;
  /**
   * Reads a cursor and compares it with the current bounds of the log.
   * @throws GraphQLError CURSOR_INVALID for any text that is not a cursor of this stream; CURSOR_EXPIRED when it is too
   * old
   */
  decode(cursor: string, bounds: readonly Bounds[]): Vector;
}

const cursorCharactersMax = 2_000;

/**
 * A cursor begins with a mark of the stream, its topics and their numbers of partitions: the positions have no meaning
 * for another stream, nor for this one after its topics changed.
 */
export function cursorsOf(stream: Pick<StreamDeclaration<unknown>, 'field' | 'topics'>): Cursors {
  const shape = [stream.field, ...stream.topics.map((topic) => `${topic}/${topics[topic].partitions}`)].join(' ');
  const mark = createHash('sha256').update(shape).digest('base64url').slice(0, 6);
  const zeros = partitionsOf(stream.topics).map(() => 0n);
  const encode = (vector: Vector): string => Buffer.from(`${mark}.${vector.join('.')}`).toString('base64url');

  return {
    encode,
    beginning: encode(zeros),
    decode(cursor, bounds) {
      const text = cursor.length > cursorCharactersMax ? '' : Buffer.from(cursor, 'base64url').toString('latin1');
      const [given, ...positions] = text.split('.');
      const isOurs = given === mark && positions.length === zeros.length && positions.every(isPosition);
      const vector = isOurs ? positions.map(BigInt) : [];
      // Each position has exactly one spelling, so a cursor with any change is refused.
      if (!isOurs || encode(vector) !== cursor) throw invalid(stream.field);
      const isAhead = bounds.some(({ next }, partition) => (vector[partition] ?? 0n) > next);
      if (isAhead) throw invalid(stream.field);
      const isTooOld = bounds.some(({ earliest }, partition) => (vector[partition] ?? 0n) < earliest);
      if (isTooOld) throw expired();
      return vector;
    },
  };
}

const isPosition = (text: string): boolean => /^(0|[1-9]\d{0,18})$/.test(text);

function invalid(field: string): Error {
  return refusal(
    'CURSOR_INVALID',
    `this is not a cursor of ${field}: pass the unchanged cursor of one of its events as \`after\`, or leave it out`,
  );
}

function expired(): Error {
  return refusal(
    'CURSOR_EXPIRED',
    'the log no longer holds the events behind this cursor: reload the data you show, then subscribe without `after`',
  );
}
