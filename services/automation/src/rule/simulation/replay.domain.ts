import { firstIdAt, type TenantId } from '@crossdesk/contracts';
import { type CompiledSet, phrasesIn } from '../compiled-set.domain.ts';
import { evaluate, type TraceEntry } from '../evaluate.domain.ts';
import type { Facts } from '../field.domain.ts';
import type { Subject } from '../limit.domain.ts';
import { recompute } from '../recompute.domain.ts';
import { type Action, type ActionType, slotOf } from '../rule.domain.ts';
import { createReplayLedger } from './replay-ledger.domain.ts';
import type { PastEvent, SimulationResult } from './simulation.domain.ts';
import { createTally } from './tally.domain.ts';

interface Wish {
  readonly tenantId: TenantId;
  readonly set: CompiledSet;
  readonly from: Date;
  /** What the rules did before `from`. */
  hasActed(ruleId: string, correlationId: string): boolean;
}

export type Replay = ReturnType<typeof createReplay>;

/**
 * Evaluates other rules on events of the past, one after the other in their order, and compares what they do with what was
 * done. Limits count what the simulated rules do. What it keeps does not grow with the events.
 */
export function createReplay({ tenantId, set, from, hasActed }: Wish) {
  const ledger = createReplayLedger(hasActed);
  const tally = createTally(set.rules);
  const firstId = firstIdAt(from);
  const diverged = new Set<string>();
  const sums = { changedEvents: 0, divergedEvents: 0, unreadableEvents: 0 };

  function subjectOf({ conversation_id: conversationId, buyer_id: buyerId, correlation_id }: PastEvent): Subject {
    return { tenantId, conversationId, buyerId, correlationId: correlation_id };
  }

  /** What the earlier evaluation of the same message decided, here. */
  function takenBefore(event: PastEvent): readonly ActionType[] {
    const chain = ledger.chainOf(event.correlation_id);
    if (!isOfMessage(event)) return [];
    if (chain !== undefined && chain.messageId !== null && chain.messageId === event.message_id) return chain.taken;
    return event.correlation_id < firstId ? event.taken : [];
  }

  function simulate(event: PastEvent, facts: Facts): TraceEntry[] {
    const { trigger, timer_rule_id: timerRuleId, evaluated_at: now, message_id: messageId } = event;
    const subject = subjectOf(event);
    const before = ledger.chainOf(event.correlation_id);
    if (isOfMessage(event) && before?.isStopped === true && before.messageId === messageId) return [];
    const taken = takenBefore(event);
    const trace = evaluate(set, { trigger, timerRuleId, facts, now, taken }, (rule) =>
      ledger.denialOf(rule, subject, now),
    );
    note(event, subject, trace, taken);
    return trace;
  }

  function note(event: PastEvent, subject: Subject, trace: readonly TraceEntry[], taken: readonly ActionType[]): void {
    let decidedBefore = taken;
    for (const entry of trace) {
      if (entry.outcome !== 'matched') continue;
      const { rule } = entry;
      const decided = entry.actions.filter((action) => isDecided(event, rule.id, action));
      if (rule.mode === 'auto' && decided.length === 0) continue;
      const chain = ledger.note(rule, subject, event.evaluated_at);
      if (!isOfMessage(event) || rule.mode !== 'auto') continue;
      decidedBefore = [...decidedBefore, ...decided.flatMap((action) => slotOf(action) ?? [])];
      chain.isStopped = rule.stops || (chain.messageId === event.message_id && chain.isStopped);
      chain.messageId = event.message_id;
      chain.taken = decidedBefore;
    }
  }

  return {
    ledger,
    /** `text`: the words of the message; null if they are gone. Needed only if `asksOtherWords`. */
    step(event: PastEvent, real: CompiledSet, text: string | null): void {
      if (diverged.has(event.conversation_id)) {
        sums.divergedEvents += 1;
        return;
      }
      const facts = asksOtherWords(set, real) ? withWords(event.facts, set, text) : event.facts;
      if (facts === null) {
        sums.unreadableEvents += 1;
        return;
      }
      const before = recompute(real, event);
      const after = simulate(event, facts);
      tally.add(event, before, after);
      const [done, wanted] = [doneBy(before), doneBy(after)];
      if (done.join() === wanted.join()) return;
      sums.changedEvents += 1;
      if (repliesIn(done) !== repliesIn(wanted)) diverged.add(event.conversation_id);
    },
    result: (): SimulationResult => ({ ...sums, divergedConversations: diverged.size, rules: tally.rules() }),
  };
}

/** Only a message is evaluated again, when its order is found. */
function isOfMessage({ trigger, timer_rule_id }: PastEvent): boolean {
  return trigger === 'message' && timer_rule_id === null;
}

const otherWords = new WeakMap<CompiledSet, WeakMap<CompiledSet, boolean>>();

/** The simulated rules look for phrases that nobody looked for at the time. */
export function asksOtherWords(set: CompiledSet, real: CompiledSet): boolean {
  const known = otherWords.get(set) ?? new WeakMap<CompiledSet, boolean>();
  otherWords.set(set, known);
  const answer = known.get(real) ?? [...set.phrases.keys()].some((phrase) => !real.phrases.has(phrase));
  known.set(real, answer);
  return answer;
}

/** With the phrases of other rules in the text; null if that is gone. */
function withWords(facts: Facts, set: CompiledSet, text: string | null): Facts | null {
  if (facts['message.words'] === undefined) return facts;
  const language = facts['message.language'];
  const words = phrasesIn(set, text, typeof language === 'string' ? language : null);
  return words === null ? null : { ...facts, 'message.words': words };
}

/** Whether the action could be decided: as it was, or if it was not tried, as most can. */
function isDecided({ results }: PastEvent, ruleId: string, { type }: Action): boolean {
  const result = results.find((one) => one.ruleId === ruleId && one.type === type);
  return result === undefined ? type !== 'workflow' : result.decisionId !== null;
}

/** In a loop, because a month of events comes through here. */
function doneBy(trace: readonly TraceEntry[]): string[] {
  const done: string[] = [];
  for (const entry of trace)
    if (entry.outcome === 'matched' && entry.rule.mode === 'auto')
      for (const { type, value } of entry.actions) done.push(`${type} ${value}`);
  return done;
}

function repliesIn(done: readonly string[]): string {
  return done.filter((one) => one.startsWith('reply ')).join();
}
