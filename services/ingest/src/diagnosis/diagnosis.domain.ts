/** What a call to the platform told. */
export type Probe =
  | { readonly result: 'not-made' }
  | {
      readonly result: 'failed';
      readonly reason: 'unreachable' | 'unauthorised' | 'rate-limited' | 'unavailable' | 'permanent';
      readonly detail: string;
    }
  /** `unseen`: messages that the list has and no push brought. */
  | { readonly result: 'answered'; readonly unseen: number };

/** The last webhook that was refused. */
interface Refusal {
  readonly reason: 'MISSING_SIGNATURE' | 'BAD_SIGNATURE' | 'STALE_TIMESTAMP';
  readonly refused_at: Date;
}

/** How fetching one kind of thing goes. */
interface Cursor {
  readonly kind: 'messages' | 'orders';
  readonly next_due_at: Date;
  readonly last_error: string | null;
  readonly missed_count: string;
  readonly last_missed_at: Date | null;
}

export interface Facts {
  readonly now: Date;
  readonly status: 'connected' | 'reauthorise' | 'disabled';
  readonly statusReason: string | null;
  readonly probe: Probe;
  /** How far the clock of the platform is ahead of ours; null when it was not told. */
  readonly clockAheadMs: number | null;
  readonly refusal: Refusal | null;
  readonly cursors: readonly Cursor[];
  readonly lastWebhookAt: Date | null;
  readonly hasMessages: boolean;
  /** Until when sends wait for a limit of the platform; null when they do not. */
  readonly sendsWaitUntil: Date | null;
}

export type Cause =
  | 'account-paused'
  | 'authorisation-lost'
  | 'platform-unreachable'
  | 'platform-error'
  | 'platform-refuses'
  | 'quota-exhausted'
  | 'wrong-secret'
  | 'clock-off'
  | 'push-broken'
  | 'polling-stalled'
  | 'no-traffic';

export interface Finding {
  readonly cause: Cause;
  /** What shows it, for people. */
  readonly evidence: string;
  readonly nextStep: string;
}

const nextSteps: Readonly<Record<Cause, string>> = {
  'account-paused': 'Connect the account again with connectChannelAccount when it is to be used.',
  'authorisation-lost':
    'Let the seller agree again with startChannelAuthorisation, or connect the account with new credentials.',
  'platform-unreachable':
    'Check the network and the firewall of ingest, the address of the API, and the status page of the platform.',
  'platform-error': 'The platform has trouble: look at its status page. Everything is fetched when it answers again.',
  'platform-refuses':
    'The platform does not allow the call: check the rights and the state of the app at the platform.',
  'quota-exhausted':
    'Wait; if it lasts, choose a longer interval with setSyncFrequency, or ask the platform for a higher limit.',
  'wrong-secret': 'Compare the secret and the webhook address entered here with those at the platform.',
  'clock-off': 'Set the clock of the machine that ingest runs on (NTP), or that of the sender.',
  'push-broken':
    'Enter the webhook address of the account at the platform again (setupSteps). Until then messages come with the polls.',
  'polling-stalled': 'Look at the log of ingest and at lastError of the cursor; syncChannelAccount tries at once.',
  'no-traffic': 'Write a message to the store. If it does not arrive, follow setupSteps again.',
};

const clockMsMax = 2 * 60_000;
const stalledMs = 15 * 60_000;
const recentMs = 24 * 3_600_000;

/** Everything that is wrong with an account, the cause that others follow from first. */
export function diagnose(facts: Facts): Finding[] {
  const found: (readonly [Cause, string])[] = [
    ...accessFindings(facts),
    ...probeFindings(facts.probe),
    ...clockFindings(facts),
    ...pushFindings(facts),
    ...pollFindings(facts),
  ];
  const isQuiet = found.length === 0 && facts.lastWebhookAt === null && !facts.hasMessages;
  if (isQuiet) found.push(['no-traffic', 'The platform answers, but no message and no webhook has ever arrived.']);
  return found.map(([cause, evidence]) => ({ cause, evidence, nextStep: nextSteps[cause] }));
}

type Found = readonly [Cause, string];

function accessFindings({ status, statusReason, sendsWaitUntil, now }: Facts): Found[] {
  const reason = statusReason ?? 'no reason is known';
  return [
    ...(status === 'disabled' ? [['account-paused', reason] as const] : []),
    ...(status === 'reauthorise' ? [['authorisation-lost', reason] as const] : []),
    ...(sendsWaitUntil !== null && sendsWaitUntil > now
      ? [['quota-exhausted', `Replies wait until ${sendsWaitUntil.toISOString()}.`] as const]
      : []),
  ];
}

const causeOfFailure = {
  unreachable: 'platform-unreachable',
  unauthorised: 'authorisation-lost',
  'rate-limited': 'quota-exhausted',
  unavailable: 'platform-error',
  permanent: 'platform-refuses',
} as const;

function probeFindings(probe: Probe): Found[] {
  return probe.result === 'failed' ? [[causeOfFailure[probe.reason], `A call just now failed: ${probe.detail}`]] : [];
}

function clockFindings({ clockAheadMs, refusal }: Facts): Found[] {
  if (clockAheadMs !== null && Math.abs(clockAheadMs) > clockMsMax)
    return [
      ['clock-off', `Our clock differs from that of the platform by ${Math.round(Math.abs(clockAheadMs) / 1_000)} s.`],
    ];
  if (refusal?.reason !== 'STALE_TIMESTAMP') return [];
  return [['clock-off', `A webhook with a time far from ours was refused at ${refusal.refused_at.toISOString()}.`]];
}

function pushFindings({ refusal, probe, cursors, lastWebhookAt, now }: Facts): Found[] {
  if (refusal !== null && refusal.reason !== 'STALE_TIMESTAMP')
    return [['wrong-secret', `A webhook was refused at ${refusal.refused_at.toISOString()}: ${refusal.reason}.`]];
  const unseen = probe.result === 'answered' ? probe.unseen : 0;
  const missed = cursors.find(
    ({ last_missed_at: at }) => at !== null && now.getTime() - at.getTime() < recentMs && (lastWebhookAt ?? at) <= at,
  );
  if (unseen === 0 && missed === undefined) return [];
  const last =
    lastWebhookAt === null ? 'no webhook has ever arrived' : `the last webhook came at ${lastWebhookAt.toISOString()}`;
  const count = unseen > 0 ? unseen : Number(missed?.missed_count ?? 0);
  return [['push-broken', `The list of the platform has ${count} messages that no push brought; ${last}.`]];
}

function pollFindings({ status, cursors, now }: Facts): Found[] {
  if (status !== 'connected') return [];
  return cursors
    .filter(({ next_due_at }) => now.getTime() - next_due_at.getTime() > stalledMs)
    .map(({ kind, next_due_at, last_error }) => {
      const why = last_error === null ? '' : ` The last error: ${last_error}`;
      return ['polling-stalled', `Fetching ${kind} has been due since ${next_due_at.toISOString()}.${why}`] as const;
    });
}
