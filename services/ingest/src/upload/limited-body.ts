import type { Hash } from 'node:crypto';

/** Thrown for a body that is not taken; `WRONG_LENGTH` and `TOO_SLOW` may be sent again. */
export class RefusedBody extends Error {
  override name = 'RefusedBody';
  readonly code: 'WRONG_LENGTH' | 'TOO_SLOW';
  constructor(code: RefusedBody['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface BodyTerms {
  /** Exactly this many, which are counted while they come. */
  readonly bytes: number;
  /** The longest pause of the sender. */
  readonly idleMsMax: number;
  readonly hash: Hash;
}

/** Passes on a body as it comes, within its terms. @throws RefusedBody, and what the body itself throws */
export async function* limitedBody(
  body: AsyncIterable<Uint8Array>,
  { bytes, idleMsMax, hash }: BodyTerms,
): AsyncGenerator<Uint8Array, void> {
  const chunks = body[Symbol.asyncIterator]();
  let length = 0;
  try {
    for (;;) {
      const next = await inTime(chunks.next(), idleMsMax);
      if (next.done === true) break;
      length += next.value.byteLength;
      if (length > bytes) throw wrongLength(bytes, 'more came');
      hash.update(next.value);
      yield next.value;
    }
  } finally {
    void Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
  if (length < bytes) throw wrongLength(bytes, `${length} came`);
}

async function inTime<Value>(next: Promise<Value>, msMax: number): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const message = `Nothing came for ${msMax / 1_000} seconds: send the file again.`;
  const timer = setTimeout(() => reject(new RefusedBody('TOO_SLOW', message)), msMax);
  try {
    return await Promise.race([next, promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function wrongLength(bytes: number, came: string): RefusedBody {
  const message = `${bytes} bytes were announced, ${came}: send the whole file again, or announce it with its size.`;
  return new RefusedBody('WRONG_LENGTH', message);
}
