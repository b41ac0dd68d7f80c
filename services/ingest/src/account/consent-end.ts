import type { Origin } from '@crossdesk/service-kit';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { type LockedAccount, saveVersion } from './account.store.ts';
import {
  type ConsentEnd,
  dueWarning,
  earlierEnd,
  endOfNewConsent,
  isEnding,
  isWithdrawn,
  type KnownEnd,
  nextWarningAt,
} from './consent-end.domain.ts';
import { deleteConsentEnd, findConsentEnds, saveConsentEnd, toConsentEnd } from './consent-end.store.ts';

type ConsentDeps = Pick<IngestDeps, 'runtime' | 'adapters'>;

/** Notes that the seller gave the consent again. `told`: the end that the platform told, null if it did not. */
export async function beginConsent(
  deps: ConsentDeps,
  trx: Trx,
  locked: LockedAccount,
  told: Date | null,
  origin: Origin,
): Promise<void> {
  const end = endOfNewConsent(told, capabilitiesOf(deps, locked), deps.runtime.clock.now());
  await moveEnd(deps, trx, locked, end, origin);
}

/**
 * Notes that the platform says that the seller agreed again, without an end. An end that is far away stays: the report
 * also follows the consent that told this end.
 */
export async function renewConsent(deps: ConsentDeps, trx: Trx, locked: LockedAccount, origin: Origin): Promise<void> {
  const known = await knownEnd(trx, locked);
  const { authorisationWarnDays: warnDays } = capabilitiesOf(deps, locked);
  if (known === null || isEnding(known, warnDays, deps.runtime.clock.now()))
    await beginConsent(deps, trx, locked, null, origin);
}

/** Notes what the platform says of the end of a consent while it lasts. */
export async function limitConsent(
  deps: ConsentDeps,
  trx: Trx,
  locked: LockedAccount,
  endsBy: Date,
  origin: Origin,
): Promise<void> {
  const end = earlierEnd(await knownEnd(trx, locked), endsBy);
  if (end !== null) await moveEnd(deps, trx, locked, end, origin);
}

/** Gives the warning that is due, once. An account that does not work needs none: its people are told of that. */
export async function warnOfEnd(deps: ConsentDeps, trx: Trx, locked: LockedAccount, origin: Origin): Promise<void> {
  const known = await knownEnd(trx, locked);
  if (known === null) return;
  const { authorisationWarnDays: warnDays } = capabilitiesOf(deps, locked);
  const isWorking = locked.row.status === 'connected';
  const warning = isWorking ? dueWarning(known, warnDays, deps.runtime.clock.now()) : null;
  const next = warning === null ? known : { ...known, warnedDays: warning };
  await saveConsentEnd(trx, locked.row, next, isWorking ? nextWarningAt(next, warnDays) : null);
  if (warning !== null) await tell(deps, trx, locked, { change: 'expiring', end: next, warnedDays: warning }, origin);
}

async function moveEnd(
  deps: ConsentDeps,
  trx: Trx,
  locked: LockedAccount,
  end: KnownEnd | null,
  origin: Origin,
): Promise<void> {
  const known = await knownEnd(trx, locked);
  const isOver = known !== null && isWithdrawn(known, end);
  if (end === null) await deleteConsentEnd(trx, locked.row);
  else {
    const next = { ...end, warnedDays: isOver ? null : (known?.warnedDays ?? null) };
    const { authorisationWarnDays: warnDays } = capabilitiesOf(deps, locked);
    await saveConsentEnd(trx, locked.row, next, nextWarningAt(next, warnDays));
  }
  if (isOver) await tell(deps, trx, locked, { change: 'renewed', end, warnedDays: null }, origin);
}

async function knownEnd(trx: Trx, { row }: LockedAccount): Promise<ConsentEnd | null> {
  const [found] = await findConsentEnds(trx, row.tenant_id, [row.id]);
  return found === undefined ? null : toConsentEnd(found);
}

function capabilitiesOf({ adapters }: ConsentDeps, { row }: LockedAccount) {
  return adapters[row.channel].record.capabilities;
}

interface Telling {
  readonly change: 'expiring' | 'renewed';
  readonly end: KnownEnd | null;
  readonly warnedDays: number | null;
}

async function tell(
  { runtime }: ConsentDeps,
  trx: Trx,
  locked: LockedAccount,
  { change, end, warnedDays }: Telling,
  origin: Origin,
): Promise<void> {
  const { row, aggregate } = locked;
  await saveVersion(trx, locked);
  const data = {
    accountId: row.id,
    channel: row.channel,
    displayName: row.display_name,
    change,
    endsAt: end?.endsAt.toISOString() ?? null,
    isAssumed: end?.isAssumed ?? false,
    warnedDays,
  };
  await runtime.outbox.append(trx, [{ aggregate, type: 'ingest.authorisation-changed', origin, data }]);
}
