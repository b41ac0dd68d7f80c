import { decideDoubt, notExecuted, outcomeOfSend } from '@crossdesk/ingest/src/delivery/delivery.domain.ts';
import type { Violation } from '../checkers/checker.port.ts';
import { deliveryIsShown, executedOnce, repliesInOrder } from '../checkers/effects.checker.ts';
import { oneRowEach } from '../checkers/messages.checker.ts';
import type { Entry } from '../history.ts';
import type { Observations } from '../observations.ts';
import {
  createSenderStore,
  type Intent,
  observeSender,
  type SenderState,
  type SenderStore,
  type Sent,
} from './sender.world.ts';
import { playTape, startTimeline, type Tape, type Timeline } from './tape.ts';

export type EffectClass = 'keyed' | 'readable' | 'opaque';

export interface SenderModel {
  readonly effectClass: EffectClass;
  /** How long after a call the platform may still execute it. After `settleMs` the product takes absence for an answer. */
  readonly lateMsMax: number;
}

const timeoutMs = 1_000;
const leaseMs = 5 * timeoutMs;
const settleMs = 3_000;
const pollMs = 250;
const replies = 6;
const conversations = 2;
const stepsMax = 100_000;

interface Run {
  readonly model: SenderModel;
  readonly tape: Tape;
  readonly time: Timeline;
  readonly state: SenderState;
  readonly store: SenderStore;
}

/**
 * Two senders, a reconciler, webhooks with echoes, and a platform that executes without answering, late or not at all. Senders
 * die and stall. The rules are those of the product, the store is a list, and the tape decides the order of events.
 */
export function simulateSender(model: SenderModel, numbers: readonly number[]): Violation[] {
  const time = startTimeline();
  const state: SenderState = { intents: [], platform: [], held: [], known: new Map(), elsewhere: [] };
  const run: Run = { model, tape: playTape(numbers), time, state, store: createSenderStore(state, time) };
  const history: Entry[] = [];
  writeReplies(run, history);
  writeInConsole(run);
  const execute = createPlatform(run);
  startSender(run, execute, 10);
  startSender(run, execute, 20);
  startReconciler(run);

  let quietSince: number | null = null;
  for (let steps = 0; steps < stepsMax && time.step(); steps += 1) {
    if (!isQuiet(state)) quietSince = null;
    // Echoes and late executions that are still to come must change nothing.
    else if (quietSince === null) quietSince = time.nowMs;
    else if (time.nowMs - quietSince > model.lateMsMax + 30_000) break;
  }
  return check(model, history, observeSender(state));
}

function isQuiet({ intents, held }: SenderState): boolean {
  return (
    intents.length === replies &&
    held.length === 0 &&
    intents.every(({ status, needsPerson }) => !['queued', 'sending', 'unknown'].includes(status) || needsPerson)
  );
}

type Execute = (intent: Intent) => string | null;

function createPlatform({ model, tape, time, state, store }: Run): Execute {
  const keys = new Set<string>();
  return (intent) => {
    if (model.effectClass === 'keyed' && keys.has(intent.messageId)) return null;
    keys.add(intent.messageId);
    const sent = append(state, time, intent, intent.text, 'api');
    // Some platforms push back what their API was asked to send, before the answer or long after it, or never.
    if (model.effectClass === 'readable' && tape.percent(60)) time.in(tape.take(4) * 400, () => store.record([sent]));
    return sent.externalMessageId;
  };
}

function append(
  { platform }: SenderState,
  time: Timeline,
  { conversationId }: Pick<Intent, 'conversationId'>,
  text: string,
  via: Sent['via'],
): Sent {
  const externalMessageId = `m${platform.length + 1}`;
  const sent: Sent = { conversationId, externalMessageId, fingerprint: text, occurredAt: new Date(time.nowMs), via };
  platform.push(sent);
  return sent;
}

/** The rule of the product, which is an SQL statement there. */
function nextDue({ time, state: { intents } }: Run): Intent | undefined {
  return intents.find(
    (one) =>
      one.status === 'queued' &&
      one.dueAt <= time.nowMs &&
      !intents.some(
        (other) =>
          other.conversationId === one.conversationId &&
          (other.status === 'sending' ||
            (other.status === 'unknown' && !other.needsPerson) ||
            (other.status === 'queued' && other.seq < one.seq)),
      ),
  );
}

function claim(run: Run): Intent | undefined {
  const { time } = run;
  const due = nextDue(run);
  if (due === undefined) return undefined;
  due.status = 'sending';
  due.attempts += 1;
  due.attemptedAt = time.nowMs;
  due.leasedUntil = time.nowMs + leaseMs;
  return due;
}

/** Polls that would find nothing are left out, so that a simulated hour takes no time. */
function untilNextDue(run: Run): number {
  const {
    time,
    state: { intents },
  } = run;
  if (intents.length < replies) return pollMs;
  const times = intents.map(({ status, dueAt, leasedUntil }) => (status === 'sending' ? leasedUntil : dueAt));
  const coming = times.filter((at) => at > time.nowMs).map((at) => at - time.nowMs);
  return nextDue(run) !== undefined || coming.length === 0 ? pollMs : Math.max(pollMs, Math.min(...coming) + 1);
}

function startSender(run: Run, execute: Execute, inMs: number): void {
  run.time.in(inMs, () => {
    send(run, execute);
    startSender(run, execute, untilNextDue(run));
  });
}

function send(run: Run, execute: Execute): void {
  const { tape, time, store } = run;
  const intent = claim(run);
  if (intent === undefined) return;
  const attempt = intent.attempts;
  // The process dies after it has claimed the reply, or is stopped for a while and then goes on.
  if (tape.percent(8)) return;
  const stalledMs = tape.percent(10) ? tape.take(20) * 1_000 : 0;
  time.in(stalledMs, () => {
    if (stalledMs > timeoutMs) return store.report(intent, { status: 'queued', isUntried: true, attempt });
    call(run, execute, intent, attempt);
  });
}

function call({ model, tape, time, store }: Run, execute: Execute, intent: Intent, attempt: number): void {
  const tell = (ms: number, outcome: Parameters<typeof outcomeOfSend>[0]): void => {
    // The process dies before it reports the answer, or reports it late.
    if (tape.percent(8)) return;
    const lateMs = tape.percent(8) ? tape.take(20) * 1_000 : 0;
    time.in(ms + lateMs, () =>
      store.report(intent, { ...outcomeOfSend(outcome, attempt - intent.untried, settleMs), attempt }),
    );
  };
  const noAnswer = { status: 'unknown', detail: 'no answer' } as const;
  switch (tape.take(8)) {
    case 1:
      return tell(100, { status: 'retry', afterMs: 500, detail: 'refused' });
    case 5:
      return tell(100, { status: 'limited', afterMs: 500, detail: 'too many' });
    case 2:
      execute(intent);
      return tell(timeoutMs, noAnswer);
    case 3:
      time.in(tape.take(10) * (model.lateMsMax / 10), () => void execute(intent));
      return tell(timeoutMs, noAnswer);
    case 4:
      return tell(timeoutMs, noAnswer);
    default: {
      const externalMessageId = execute(intent);
      return tell(50 + tape.take(3) * 300, { status: 'accepted', externalMessageId });
    }
  }
}

function startReconciler(run: Run): void {
  const { model, tape, time, state, store } = run;
  // A claim may begin and end before the next due time, so look more often.
  time.in(Math.min(5_000, Math.max(500, untilNextDue(run))), () => {
    for (const intent of state.intents.filter((one) => isDoubtful(one, time.nowMs))) {
      const { attempts: attempt, status, detail } = intent;
      intent.dueAt = time.nowMs + 60_000;
      const decision = decideDoubt({ status, detail }, { effectClass: model.effectClass, readBackSettleMs: settleMs });
      // Others go on between the claim and the report, because the thread is read page by page.
      time.in(tape.take(6) * 500, () => {
        if (decision !== 'read back') return store.report(intent, { ...decision, attempt });
        const thread = state.platform.filter(({ conversationId }) => conversationId === intent.conversationId);
        store.record(thread);
        if (intent.status === 'unknown')
          time.in(tape.take(6) * 500, () => store.report(intent, { ...notExecuted, attempt }));
      });
    }
    startReconciler(run);
  });
}

function isDoubtful({ needsPerson, status, leasedUntil, dueAt }: Intent, nowMs: number): boolean {
  return !needsPerson && ((status === 'sending' && leasedUntil < nowMs) || (status === 'unknown' && dueAt <= nowMs));
}

// The product has branded types for ids; here any text is good enough.
const brand = (text: string): never => text as never;

function writeReplies({ tape, time, state: { intents } }: Run, history: Entry[]): void {
  for (let n = 0; n < replies; n += 1) {
    time.in(tape.take(20) * 100, () => {
      const text = `reply ${n}`;
      const conversationId = `conversation ${n % conversations}`;
      const messageId = `id ${n}`;
      intents.push({
        messageId: brand(messageId),
        conversationId: brand(conversationId),
        seq: intents.length,
        text,
        status: 'queued',
        attempts: 0,
        untried: 0,
        failure: null,
        detail: null,
        externalMessageId: null,
        needsPerson: false,
        isPlaced: false,
        isDoubted: false,
        dueAt: time.nowMs,
        leasedUntil: 0,
        attemptedAt: null,
        shown: 'queued',
      });
      const promised = { op: 'reply', clientKey: text, text, conversationId, messageId } as const;
      history.push({ ...promised, phase: 'invoke', atMs: time.nowMs * 1_000 + history.length });
      history.push({ ...promised, phase: 'ok', atMs: time.nowMs * 1_000 + history.length });
    });
  }
}

function writeInConsole({ tape, time, state, store }: Run): void {
  if (!tape.percent(50)) return;
  time.in(tape.take(30) * 100, () => {
    const sent = append(state, time, { conversationId: brand('conversation 0') }, 'from the console', 'console');
    store.record([sent]);
  });
}

function check({ effectClass }: SenderModel, history: readonly Entry[], seen: Observations): Violation[] {
  // A reply that waits for a person holds back no others: on opaque channels later ones may overtake it.
  const inOrder = effectClass === 'opaque' ? [] : [repliesInOrder];
  return [executedOnce, deliveryIsShown, oneRowEach, ...inOrder].flatMap((checker) => checker(history, seen));
}
