import type { AgentId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  seal,
  type SealedPlace,
  sealingKeyOf,
  type ServiceRuntime,
  unchanged,
  unseal,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { refusePeopleChange } from '../agent/agent.commands.ts';
import { type Agent, lockPerson } from '../agent/agent.store.ts';
import { noPerson } from '../agent/change-agent.commands.ts';
import { endSessionsOf } from '../agent/session.store.ts';
import type { DB } from '../db.ts';
import { digestOfCode, newRecoveryCodes } from './recovery-code.ts';
import {
  deleteFactor,
  endSessionsWithoutFactor,
  findFactor,
  isFactorRequired,
  replaceCodes,
  saveFactor,
  type SecondFactor,
  setFactorRequired,
  spendCode,
} from './second-factor.store.ts';
import { isAppCode, newSecret, otpauthUri, stepOf } from './totp.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock' | 'keys'>;

/** What an authenticator app is given, once. */
export interface BegunFactor {
  readonly secret: string;
  readonly otpauthUri: string;
}

/** Shows a new secret. It counts from its first code on; one that was confirmed before stays in use until then. */
export async function beginSecondFactor(
  { keys }: Pick<Deps, 'keys'>,
  { trx, actor }: CommandCall<DB>,
): Promise<Outcome<BegunFactor, 'FORBIDDEN'>> {
  const person = await lockActor(trx, actor);
  if (person === null) return peopleOnly;
  const { tenantId, id, email, displayName } = person;
  const secret = newSecret();
  const none = { tenantId, id, sealedSecret: null, sealedPending: null, confirmedAt: null, lastStep: 0 };
  const factor: SecondFactor = (await findFactor(trx, tenantId, id)) ?? none;
  const sealedPending = seal(sealingKeyOf(keys, 'conversation'), placeOf(factor, 'sealed_pending'), secret);
  await saveFactor(trx, { ...factor, sealedPending });
  return changed({ secret, otpauthUri: otpauthUri(secret, email ?? displayName) }, id);
}

/** Puts the secret that was shown last in use, with its first code, and makes new recovery codes. */
export async function confirmSecondFactor(
  { clock, keys }: Deps,
  { trx, actor }: CommandCall<DB>,
  code: string,
): Promise<Outcome<{ person: Agent; recoveryCodes: string[] }, 'FORBIDDEN' | 'NOT_FOUND' | 'WRONG_CREDENTIALS'>> {
  const person = await lockActor(trx, actor);
  if (person === null) return peopleOnly;
  const factor = await findFactor(trx, person.tenantId, person.id);
  if (factor === null || factor.sealedPending === null) return nothingBegun;
  const key = sealingKeyOf(keys, 'conversation');
  const secret = unseal(key, placeOf(factor, 'sealed_pending'), factor.sealedPending);
  const now = clock.now();
  const step = stepOf(secret, plainCode(code), now);
  if (step === null) return wrongCode;
  const sealedSecret = seal(key, placeOf(factor, 'sealed_secret'), secret);
  await saveFactor(trx, { ...factor, sealedSecret, sealedPending: null, confirmedAt: now, lastStep: step });
  const recoveryCodes = newRecoveryCodes();
  await replaceCodes(
    trx,
    factor,
    recoveryCodes.map((text) => digestOfCode(person, text)),
  );
  return changed({ person, recoveryCodes }, person.id);
}

/** Ends the caller's second factor, for a code of it. */
export async function disableSecondFactor(
  deps: Deps,
  { trx, actor }: CommandCall<DB>,
  code: string,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'NOT_FOUND' | 'WRONG_CREDENTIALS'>> {
  const person = await lockActor(trx, actor);
  if (person === null) return peopleOnly;
  if (await isFactorRequired(trx, person.tenantId)) return required;
  const factor = await findFactor(trx, person.tenantId, person.id);
  if (factor === null) return noFactor;
  if ((await proveCode(deps, trx, factor, code)) === null) return wrongCode;
  await deleteFactor(trx, person.tenantId, person.id);
  return changed(person, person.id);
}

/** Takes the second factor of somebody who has lost it, at the request of an admin. Their sessions end. */
export async function resetSecondFactor(
  { clock }: Pick<Deps, 'clock'>,
  { trx, actor }: CommandCall<DB>,
  agentId: AgentId,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'NOT_FOUND' | 'SIGN_IN_AGAIN'>> {
  const now = clock.now();
  const refusal = refusePeopleChange(actor, now);
  if (refusal !== null) return refusal;
  if (agentOf(actor) === agentId) return notOneself;
  const person = await lockPerson(trx, actor.tenantId, agentId);
  if (person === null) return noPerson;
  if (!(await deleteFactor(trx, actor.tenantId, agentId))) return unchanged(person);
  await endSessionsOf(trx, person, null, now);
  return changed(person, agentId);
}

/** Asks for a second factor of everybody with a password, or no longer. Sessions of people without one end. */
export async function requireSecondFactor(
  { clock }: Pick<Deps, 'clock'>,
  { trx, actor }: CommandCall<DB>,
  isRequired: boolean,
): Promise<Outcome<boolean, 'FORBIDDEN' | 'SIGN_IN_AGAIN'>> {
  const now = clock.now();
  const refusal = refusePeopleChange(actor, now);
  if (refusal !== null) return refusal;
  const { tenantId } = actor;
  const agentId = agentOf(actor);
  const own = agentId === null ? null : await findFactor(trx, tenantId, agentId);
  if (isRequired && (own === null || own.confirmedAt === null)) return ownFirst;
  if (!(await setFactorRequired(trx, tenantId, isRequired))) return unchanged(isRequired);
  if (isRequired) await endSessionsWithoutFactor(trx, tenantId, now);
  return changed(isRequired, tenantId);
}

/**
 * Accepts a code of a confirmed factor, whose person is locked in this transaction, and spends it: from the app or from
 * paper. Null for a wrong one, and for one that was used before.
 */
export async function proveCode(
  { clock, keys }: Deps,
  trx: Transaction<DB>,
  factor: SecondFactor,
  text: string,
): Promise<'app' | 'recovery' | null> {
  if (factor.sealedSecret === null) return null;
  const now = clock.now();
  const code = plainCode(text);
  if (!isAppCode(code)) return (await spendCode(trx, factor, digestOfCode(factor, text), now)) ? 'recovery' : null;
  const secret = unseal(sealingKeyOf(keys, 'conversation'), placeOf(factor, 'sealed_secret'), factor.sealedSecret);
  const step = stepOf(secret, code, now);
  if (step === null || step <= factor.lastStep) return null;
  await saveFactor(trx, { ...factor, lastStep: step });
  return 'app';
}

/** Apps show two groups of three digits. */
function plainCode(code: string): string {
  return code.replaceAll(/\s/g, '');
}

async function lockActor(trx: Transaction<DB>, actor: CommandCall<DB>['actor']): Promise<Agent | null> {
  return actor.kind === 'agent' ? lockPerson(trx, actor.tenantId, actor.agentId) : null;
}

function placeOf(
  { tenantId, id }: Pick<SecondFactor, 'tenantId' | 'id'>,
  column: 'sealed_secret' | 'sealed_pending',
): SealedPlace {
  return { tenantId, table: 'second_factor', column, row: id };
}

export const wrongCode = refuse(
  'WRONG_CREDENTIALS',
  'code',
  'This is not the present code, or it was used already: wait for the next one.',
);
const nothingBegun = refuse('NOT_FOUND', null, 'There is nothing to confirm: call beginSecondFactor first.');
const noFactor = refuse('NOT_FOUND', null, 'You have no second factor.');
const required = refuse(
  'FORBIDDEN',
  null,
  'Your workspace asks for a second factor: for another app call beginSecondFactor, which replaces it.',
);
const notOneself = refuse('FORBIDDEN', 'agentId', 'Your own is ended with disableSecondFactor, which asks for a code.');
const ownFirst = refuse('FORBIDDEN', null, 'Set up your own second factor first: you would shut yourself out.');
const peopleOnly = refuse('FORBIDDEN', null, 'Only people have a second factor: an API token is no person.');
