import { createHash } from 'node:crypto';
import { type MonotonicMs, monotonicMs } from '@crossdesk/service-kit';

export interface Remembered<Answer> {
  /** The answer that is remembered under a key, else a new one. Those who come while it is asked for wait for it. */
  get(key: string, ask: () => Promise<Answer>): Promise<Answer>;
  forget(key: string): void;
}

const entriesMax = 10_000;
/** While nobody answers, what was true last is taken for so long at a time. */
const lastAnswerForMs = 5_000;

interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  freshUntil: number;
}

/**
 * Remembers answers for a short while. When asking fails the last answer goes on: what makes it wrong is changed by the one
 * who does not answer. A failure itself is not remembered.
 */
export function createRemembered<Answer>(
  holdMsOf: (answer: Answer) => number,
  nowMs: MonotonicMs = monotonicMs,
): Remembered<Answer> {
  const entries = new Map<string, Entry<Answer>>();

  function keep(key: string, entry: Entry<Answer>): void {
    entries.delete(key);
    entries.set(key, entry);
    const oldest = entries.size > entriesMax ? entries.keys().next().value : undefined;
    if (oldest !== undefined) entries.delete(oldest);
  }

  function askAnew(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const last = entries.get(key);
    const askedAt = nowMs();
    const asked = ask().then(
      (value) => {
        // From the question on: what changed after it was asked is not in the answer.
        entry.freshUntil = askedAt + holdMsOf(value);
        return value;
      },
      (cause: unknown) => {
        if (entries.get(key) === entry) entries.delete(key);
        if (last === undefined) throw cause;
        keep(key, { ...last, freshUntil: nowMs() + lastAnswerForMs });
        return last.answer;
      },
    );
    const entry: Entry<Answer> = { answer: asked, freshUntil: Infinity };
    keep(key, entry);
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

/** Under what a token is remembered: a memory dump gives none away. */
export function keyOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
