import { createHash } from 'node:crypto';
import { type MonotonicMs, monotonicMs } from '@crossdesk/service-kit';
import { LRUCache } from 'lru-cache';

export interface Remembered<Answer> {
  /**
   * The answer remembered under a key, or a new one. Calls during a request for the same key wait for the same answer.
   */
  get(key: string, ask: () => Promise<Answer>): Promise<Answer>;
  forget(key: string): void;
}

const entriesMax = 10_000;
/** For how long the last answer is used after a failed request. */
const lastAnswerForMs = 5_000;

interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  freshUntil: number;
}

/**
 * Remembers answers for a short time. If a request fails, the last answer stays in use: only the service that does not
 * answer can make it wrong. A failure itself is not remembered.
 */
export function createRemembered<Answer>(
  holdMsOf: (answer: Answer) => number,
  nowMs: MonotonicMs = monotonicMs,
): Remembered<Answer> {
  const entries = new LRUCache<string, Entry<Answer>>({ max: entriesMax });

  function askAnew(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const last = entries.get(key);
    const askedAt = nowMs();
    const asked = ask().then(
      (value) => {
        // Counted from the start of the request: the answer does not include later changes.
        entry.freshUntil = askedAt + holdMsOf(value);
        return value;
      },
      (cause: unknown) => {
        if (entries.peek(key) === entry) entries.delete(key);
        if (last === undefined) throw cause;
        entries.set(key, { ...last, freshUntil: nowMs() + lastAnswerForMs });
        return last.answer;
      },
    );
    const entry: Entry<Answer> = { answer: asked, freshUntil: Infinity };
    entries.set(key, entry);
    return asked;
  }

  return {
    get(key, ask) {
      const entry = entries.get(key);
      return entry !== undefined && nowMs() < entry.freshUntil ? entry.answer : askAnew(key, ask);
    },
    forget: (key) => void entries.delete(key),
  };
}

/** The key under which a token is remembered: a hash, so that a memory dump holds no tokens. */
export function keyOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
