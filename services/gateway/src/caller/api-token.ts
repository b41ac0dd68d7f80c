import { createHash } from 'node:crypto';
import type { Caller, Clock } from '@crossdesk/service-kit';
import { BadToken, type Identity } from './identity.ts';

export const apiTokenPrefix = 'cdk_';
export type ApiTokenCheck = (token: string) => Promise<Identity>;

/** A token that was taken back stops working within 30 seconds. */
const heldForMs = 30_000;
/** A token just made must not be refused for long because somebody tried it too early. */
const refusedForMs = 5_000;
const tokensHeldMax = 10_000;

interface Known {
  readonly caller: Promise<Caller | null>;
  freshUntil: number;
}

/** Asks the owner of API tokens whom one belongs to, and remembers the answer for a short while. */
export function createApiTokenCheck(
  introspect: (token: string) => Promise<Caller | null>,
  clock: Clock,
): ApiTokenCheck {
  const known = new Map<string, Known>();

  function ask(token: string, key: string): Promise<Caller | null> {
    const caller = introspect(token);
    const entry: Known = { caller, freshUntil: clock.now().getTime() + heldForMs };
    known.delete(key);
    known.set(key, entry);
    const oldest = known.size > tokensHeldMax ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    return caller.then(
      (answer) => {
        if (answer === null) entry.freshUntil = clock.now().getTime() + refusedForMs;
        return answer;
      },
      (cause: unknown) => {
        if (known.get(key) === entry) known.delete(key);
        throw cause;
      },
    );
  }

  return async (token) => {
    // The cache holds hashes: a memory dump gives no token away.
    const key = createHash('sha256').update(token).digest('base64');
    const entry = known.get(key);
    const isFresh = entry !== undefined && entry.freshUntil > clock.now().getTime();
    const caller = await (isFresh ? entry.caller : ask(token, key));
    if (caller === null || caller.kind !== 'api-token') throw new BadToken();
    return { caller, expiresAt: null };
  };
}
