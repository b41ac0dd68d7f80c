import {
  accept,
  actorOf,
  causedOutside,
  changed,
  type Command,
  type Decision,
  type Outcome,
  type Principal,
  refuse,
  type Refused,
  refuseOldSession,
  refuseProgram,
  type RequestContext,
  type ServiceRuntime,
  signedIn,
} from '@crossdesk/service-kit';
import { countedFor, type Counted, noteSuccess, takeCounted } from '../agent/counted-attempts.ts';
import { type Agent, lockPerson } from '../agent/agent.store.ts';
import { giveAttemptBack } from '../agent/sign-in-attempt.store.ts';
import type { DB } from '../db.ts';
import { type Challenged, readChallenge } from './challenge.ts';
import { disableSecondFactor, proveCode, wrongCode } from './second-factor.commands.ts';
import { findFactor } from './second-factor.store.ts';

type Runtime = Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'keys' | 'commands'>;
type Request = Pick<RequestContext, 'clientAddress'>;

/**
 * Signs in somebody who has proved their password, with a code of their app or a recovery code. Wrong ones are counted
 * like wrong passwords. This is not a command, like the sign-in itself; that a recovery code was used is recorded.
 */
export async function completeSignIn(
  runtime: Runtime,
  { clientAddress }: Request,
  { challenge, code }: { readonly challenge: string; readonly code: string },
): Promise<Decision<Agent, 'LOCKED_OUT' | 'SIGN_IN_AGAIN' | 'WRONG_CREDENTIALS'>> {
  const who = await readChallenge(runtime.keys, challenge, runtime.clock.now());
  if (who === null || !who.isEnrolled) return challengeOver;
  return counting(runtime, countedFor(accountOf(who), clientAddress), () => prove(runtime, who, code));
}

function prove(runtime: Runtime, who: Challenged, code: string) {
  const { tenantId, agentId } = who;
  return runtime.db.forTenant(tenantId, async (trx) => {
    const person = await lockPerson(trx, tenantId, agentId);
    if (person === null || !isStill(who, person)) return challengeOver;
    const factor = await findFactor(trx, tenantId, agentId);
    // An admin has reset it meanwhile.
    if (factor === null || factor.confirmedAt === null) return challengeOver;
    const proof = await proveCode(runtime, trx, factor, code);
    if (proof === null) return wrongCode;
    if (proof === 'recovery') {
      const actor = actorFor(person, runtime.clock.now());
      const call = { trx, actor, origin: causedOutside(actorOf(actor)) };
      await runtime.commands.carryOut(call, 'useRecoveryCode', async () => changed(person, person.id));
    }
    return accept(person);
  });
}

/** Ends one's own second factor. Codes are counted: whoever has only the token may not guess them. */
export function disableOwn(
  runtime: Runtime,
  request: RequestContext,
  code: string,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'LOCKED_OUT' | 'NOT_FOUND' | 'WRONG_CREDENTIALS'>> {
  const counted = countedFor(accountOf(signedIn(request)), request.clientAddress);
  return counting(runtime, counted, () =>
    runtime.commands.asked(request, 'disableSecondFactor', (call) => disableSecondFactor(runtime, call, code)),
  );
}

/**
 * Carries out a step of the set-up: for somebody who is signed in and proved who they are within fifteen minutes, or with
 * the challenge of a workspace that asks for a second factor.
 */
export async function settingUp<Result extends Outcome<unknown, string>>(
  { db, clock, keys, commands }: Runtime,
  request: RequestContext,
  { challenge, action }: { readonly challenge: string | null; readonly action: string },
  command: Command<DB, Result>,
): Promise<Result | Refused<'FORBIDDEN' | 'SIGN_IN_AGAIN'>> {
  const now = clock.now();
  if (challenge === null) {
    const caller = signedIn(request);
    const refusal = refuseProgram(caller) ?? refuseForeign(caller) ?? refuseOldSession(caller, now);
    return refusal ?? commands.asked(request, action, command);
  }
  const who = await readChallenge(keys, challenge, now);
  if (who === null || who.isEnrolled) return challengeOver;
  return db.forTenant(who.tenantId, async (trx) => {
    const person = await lockPerson(trx, who.tenantId, who.agentId);
    if (person === null || !isStill(who, person)) return challengeOver;
    // Whoever knows only the password must not replace what was confirmed meanwhile.
    const factor = await findFactor(trx, who.tenantId, who.agentId);
    if (factor !== null && factor.confirmedAt !== null) return challengeOver;
    const actor = actorFor(person, now);
    return commands.carryOut({ trx, actor, origin: causedOutside(actorOf(actor)) }, action, command);
  });
}

/** Counts an attempt before it is made; what was not refused for its code is no failure. */
async function counting<Value extends { readonly ok: true }, Code extends string>(
  { db }: Pick<Runtime, 'db'>,
  counted: Counted,
  attempt: () => Promise<Value | Refused<Code>>,
): Promise<Value | Refused<Code | 'LOCKED_OUT'>> {
  const taken = await db.asWorker((trx) => takeCounted(trx, counted));
  if (taken === null) return tooManyCodes;
  const outcome = await attempt();
  if (outcome.ok) await db.asWorker((trx) => noteSuccess(trx, counted));
  else if (!outcome.errors.some(({ code }) => String(code) === 'WRONG_CREDENTIALS'))
    await db.asWorker((trx) => giveAttemptBack(trx, taken));
  return outcome;
}

function accountOf({ tenantId, agentId }: Pick<Challenged, 'tenantId' | 'agentId'>): string[] {
  return ['second factor', tenantId, agentId];
}

function isStill({ epoch }: Challenged, { isActive, tokenEpoch }: Agent): boolean {
  return isActive && tokenEpoch === epoch;
}

/** Nobody is signed in: whoever has proved the password is the actor. */
function actorFor({ tenantId, id, role }: Agent, now: Date): Principal {
  return { kind: 'agent', tenantId, agentId: id, role, authenticatedAtMs: now.getTime() };
}

function refuseForeign(actor: Principal): Refused<'FORBIDDEN'> | null {
  return actor.kind === 'agent' && actor.sessionId === undefined ? foreign : null;
}

const challengeOver = refuse('SIGN_IN_AGAIN', 'challenge', 'This sign-in is over: begin it again with signIn.');
const tooManyCodes = refuse(
  'LOCKED_OUT',
  'code',
  'Too many failures: try again in 15 minutes, or from a place you used before.',
);
const foreign = refuse(
  'FORBIDDEN',
  null,
  'You are signed in through another provider: set your second factor up there.',
);
