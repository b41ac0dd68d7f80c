import type { Entry } from '../history.ts';
import type { Observations } from '../observations.ts';
import { chainsHold, connectionsAreAudited, repliesAreAudited } from './audit.checker.ts';
import { boundedAndBackToQuiet } from './bounds.checker.ts';
import { machineAnswersOnce } from './answers.checker.ts';
import type { Checker, CheckName, Violation } from './checker.port.ts';
import { countersAreRecount, countersRebuilt, messagesRebuilt, unreadIsRecount } from './derived.checker.ts';
import { erasedIsNowhere } from './erasure.checker.ts';
import { herdComesBack } from './herd.checker.ts';
import { deliveryIsShown, executedOnce, repliesInOrder } from './effects.checker.ts';
import { committedIsDone, keysInOrder, nothingElseParked, outboxIsOnTheLog, poisonIsParked } from './log.checker.ts';
import {
  acknowledgedIsStored,
  liveNeverGoesBack,
  nothingForeign,
  oneRowEach,
  shownInSourceOrder,
} from './messages.checker.ts';
import { quietKeepsPace } from './pace.checker.ts';
import {
  clocksTellOnce,
  nothingWaitsInVain,
  oneOwnerAtATime,
  onlyWithRoomAndOnDuty,
  targetsOnce,
} from './team.checker.ts';

/** The invariants in words. */
export const invariants: Readonly<Record<CheckName, string>> = {
  I1: 'every acknowledged webhook is stored and shown',
  I2: 'one row per platform message in every read model',
  I3: 'order within a conversation; a live reader never goes back',
  I4: 'every counter equals a recount',
  I5: 'outbox and log agree: nothing missing, nothing invented',
  I6: 'a reply is executed once, or visibly not',
  I7: 'no committed position passes undone work',
  I8: 'no answer holds anything of another workspace',
  I9: 'back to quiet in time, memory and connections bounded, quiet tenants keep their pace',
  I10: 'a record that cannot be read is parked once, and nothing else is parked',
  I11: 'the audit chains hold, and each accepted mutation has one entry',
  I12: 'read models rebuilt from the histories equal the live ones',
  erasure: 'an erased customer is in no table of any service, and the ledger says so',
  routing:
    'nothing waits while somebody suitable has room; one owner at a time, on duty and with room when the queue chose them',
  sla: 'each clock warns and breaches once',
  bulk: 'each target of a bulk job is done once or visibly not',
};

const checkers: readonly Checker[] = [
  acknowledgedIsStored,
  oneRowEach,
  shownInSourceOrder,
  liveNeverGoesBack,
  nothingForeign,
  keysInOrder,
  outboxIsOnTheLog,
  committedIsDone,
  poisonIsParked,
  nothingElseParked,
  executedOnce,
  machineAnswersOnce,
  repliesInOrder,
  deliveryIsShown,
  countersAreRecount,
  unreadIsRecount,
  countersRebuilt,
  messagesRebuilt,
  boundedAndBackToQuiet,
  quietKeepsPace,
  herdComesBack,
  chainsHold,
  repliesAreAudited,
  connectionsAreAudited,
  erasedIsNowhere,
  nothingWaitsInVain,
  oneOwnerAtATime,
  onlyWithRoomAndOnDuty,
  clocksTellOnce,
  targetsOnce,
];

export function checkAll(history: readonly Entry[], seen: Observations): Violation[] {
  return checkers.flatMap((check) => check(history, seen));
}
