import type { Violation } from '../checkers/checker.port.ts';
import { countersAreRecount, countersRebuilt, messagesRebuilt, unreadIsRecount } from '../checkers/derived.checker.ts';
import { committedIsDone, keysInOrder, outboxIsOnTheLog } from '../checkers/log.checker.ts';
import { acknowledgedIsStored, oneRowEach, shownInSourceOrder } from '../checkers/messages.checker.ts';
import type { Entry } from '../history.ts';
import { commitLate, consume, createWorld, observeWorld, receive, relay, shop, type World } from './pipeline.world.ts';
import { playTape, type Tape } from './tape.ts';

const threads = 3;
const messagesPerThread = 5;
const startMs = Date.UTC(2026, 0, 1);

interface Said {
  readonly thread: string;
  readonly id: string;
  readonly at: Date;
  acknowledged: boolean;
}

/**
 * The way of a message through three services. Webhooks come twice, late and in the wrong order; relays die between
 * publishing and marking; consumers die before and after their commit. The rules of the product put messages into
 * conversations and count them. A transaction takes effect as a whole or not at all.
 */
export function simulatePipeline(numbers: readonly number[]): Violation[] {
  const tape = playTape(numbers);
  const history: Entry[] = [];
  const world = createWorld();
  const said = sayEverything(history);

  const steps: readonly (() => void)[] = [
    () => relay(world, tape),
    () => deliver(world, tape, said, history),
    () => consume(world, 'conversation.inbox', tape),
    () => consume(world, 'analytics.inbox', tape),
    () => commitLate(world),
  ];
  while (!tape.isOver) steps[tape.take(steps.length)]?.();
  // The tape is over: no more trouble, and everything that is left is processed.
  for (let round = 0; round < 200; round += 1) for (const step of steps) step();

  const seen = observeWorld(world);
  return [
    acknowledgedIsStored,
    oneRowEach,
    shownInSourceOrder,
    keysInOrder,
    outboxIsOnTheLog,
    committedIsDone,
    countersAreRecount,
    unreadIsRecount,
    countersRebuilt,
    messagesRebuilt,
  ].flatMap((checker) => checker(history, seen));
}

function sayEverything(history: Entry[]): Said[] {
  const said: Said[] = [];
  for (let n = 0; n < messagesPerThread; n += 1) {
    for (let thread = 0; thread < threads; thread += 1) {
      const one = {
        thread: `t${thread}`,
        id: `t${thread}-${n}`,
        at: new Date(startMs + n * 1_000),
        acknowledged: false,
      };
      said.push(one);
      history.push({ op: 'webhook', phase: 'invoke', shop, thread: one.thread, id: one.id, atMs: 0 });
    }
  }
  return said;
}

/** Delivers any message that is not acknowledged yet, or one that is acknowledged once more. */
function deliver(world: World, tape: Tape, said: readonly Said[], history: Entry[]): void {
  const open = said.filter(({ acknowledged }) => !acknowledged);
  const candidates = open.length > 0 && !tape.percent(20) ? open : said;
  const one = candidates[tape.take(candidates.length)];
  if (one === undefined) return;
  if (tape.percent(10)) return; // lost on the way
  receive(world, one, tape.percent(15));
  if (tape.percent(10)) return; // committed, but the answer is lost
  one.acknowledged = true;
  history.push({ op: 'webhook', phase: 'ok', shop, thread: one.thread, id: one.id, atMs: 0 });
}
