import { isRenewed, mustRenew } from '@crossdesk/ingest/src/account/account.domain.ts';
import { type Violation, violation } from '../checkers/checker.port.ts';
import { playTape, startTimeline } from './tape.ts';

type Pair = {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_at: string;
};

const workers = 12;
const lifetimeMs = 60 * 60_000;
const renewEveryMs = 50 * 60_000;
const runMs = 5 * 60 * 60_000;

/**
 * Many workers call a platform whose refresh tokens work once. One worker at a time may refresh; some die between the answer of
 * the platform and the commit. A used refresh token must never be sent when its successor is saved, and each expiry must lead
 * to one refresh.
 */
export function simulateTokens(numbers: readonly number[]): Violation[] {
  const tape = playTape(numbers);
  const time = startTimeline();
  const found: Violation[] = [];
  const turn = createTurn();
  const startMs = time.nowMs;
  let serial = 0;
  let isReauthorise = false;
  let refreshes = 0;
  let lostPairs = 0;
  let atPlatform = issue();
  let saved = atPlatform;
  const withdrawn = new Set<string>();

  function issue(): Pair {
    serial += 1;
    return { access_token: `a${serial}`, refresh_token: `r${serial}`, expires_at: String(time.nowMs + lifetimeMs) };
  }

  function renew(used: Pair): void {
    turn.take(() => {
      const current = saved;
      if (isReauthorise || isRenewed(current, used)) return turn.end();
      time.in(50 + tape.take(10) * 100, () => {
        if (current.refresh_token !== atPlatform.refresh_token) {
          if (lostPairs === 0) found.push(violation('I6', 'doubled', `${current.refresh_token} was used twice`));
          // The platform refuses a used token: a person has to authorise again.
          isReauthorise = true;
          return turn.end();
        }
        refreshes += 1;
        atPlatform = issue();
        if (tape.percent(3)) lostPairs += 1;
        else saved = atPlatform;
        turn.end();
      });
    });
  }

  function work(): void {
    if (time.nowMs - startMs > runMs) return;
    time.in(60_000 + tape.take(60) * 10_000, work);
    if (isReauthorise) return;
    const used = saved;
    const expiresAt = new Date(Number(used.expires_at));
    if (mustRenew(expiresAt, new Date(time.nowMs))) return renew(used);
    // The platform withdraws a token before it expires.
    if (tape.percent(2)) withdrawn.add(used.access_token);
    if (withdrawn.has(used.access_token)) time.in(tape.take(5) * 100, () => renew(used));
  }

  for (let n = 0; n < workers; n += 1) time.in(n, work);
  while (time.step()) if (time.nowMs - startMs > runMs + lifetimeMs) break;
  const needed = Math.ceil(runMs / renewEveryMs) + 1 + withdrawn.size;
  if (refreshes > needed) found.push(violation('I6', 'doubled', `${refreshes} refreshes where ${needed} were enough`));
  if (isReauthorise && lostPairs === 0)
    found.push(violation('I6', 'lost', 'the account needs a person though no pair was lost'));
  return found;
}

/** One turn to refresh at a time, in the order of asking. */
function createTurn() {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  const take = (then: () => void): void => {
    if (isTaken) waiting.push(then);
    else {
      isTaken = true;
      then();
    }
  };
  return {
    take,
    end: (): void => {
      isTaken = false;
      const next = waiting.shift();
      if (next !== undefined) take(next);
    },
  };
}
