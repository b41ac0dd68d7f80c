import type { RuleId } from '@crossdesk/contracts';
import { denials, type TraceEntry } from '../evaluate.domain.ts';
import type { Mode, RuleVersion } from '../rule.domain.ts';
import type { Example, PastEvent, SimulatedRule } from './simulation.domain.ts';

const examplesMax = 20;
const dayMs = 24 * 3_600_000;
const waitingMax = 50_000;

/** Counts, for each rule, what it did and what it does. */
export function createTally(simulated: readonly RuleVersion[]) {
  const rules = new Map<string, SimulatedRule>();
  for (const { id, name, mode } of simulated) rules.set(id, blank(id, name, mode));
  /** The rules that matched last in a conversation, until the buyer writes again. */
  const waiting = new Map<
    string,
    { readonly at: number; readonly messageId: string | null; readonly ruleIds: string[] }
  >();

  function ruleOf({ rule }: TraceEntry): SimulatedRule {
    const known = rules.get(rule.id) ?? blank(rule.id, rule.name, null);
    rules.set(rule.id, known);
    return known;
  }

  function noteAnswer({ conversation_id, message_id, evaluated_at }: PastEvent): void {
    const last = waiting.get(conversation_id);
    if (last === undefined || message_id === null || last.messageId === message_id) return;
    waiting.delete(conversation_id);
    if (evaluated_at.getTime() - last.at > dayMs) return;
    for (const ruleId of last.ruleIds) {
      const rule = rules.get(ruleId);
      if (rule !== undefined) rule.writtenAgain += 1;
    }
  }

  function wait({ conversation_id, message_id: messageId, evaluated_at }: PastEvent, ruleIds: string[]): void {
    const at = evaluated_at.getTime();
    if (ruleIds.length > 0) waiting.set(conversation_id, { at, messageId, ruleIds });
    if (waiting.size <= waitingMax) return;
    for (const [key, one] of waiting) if (waiting.size > waitingMax / 2 || at - one.at > dayMs) waiting.delete(key);
  }

  return {
    add(event: PastEvent, before: readonly TraceEntry[], after: readonly TraceEntry[]): void {
      noteAnswer(event);
      const did = before.filter(isMatch);
      const does = after.filter(isMatch);
      const [didIds, doesIds] = [did.map(({ rule }) => rule.id), does.map(({ rule }) => rule.id)];
      const isEscalated = hasEscalation(event, does);
      for (const entry of did) {
        const rule = ruleOf(entry);
        rule.before += 1;
        if (!doesIds.includes(entry.rule.id)) note(rule, 'lost', event);
      }
      for (const entry of does) {
        const rule = ruleOf(entry);
        rule.after += 1;
        if (!didIds.includes(entry.rule.id)) note(rule, 'gained', event);
        if (isAngry(event)) rule.angry += 1;
        if (isEscalated) rule.escalated += 1;
      }
      for (const entry of after) if (isLimited(entry)) ruleOf(entry).limited += 1;
      wait(event, doesIds);
    },
    rules: (): SimulatedRule[] => [...rules.values()],
  };
}

function blank(ruleId: RuleId, name: string, mode: Mode | null): SimulatedRule {
  const counts = { before: 0, after: 0, gained: 0, lost: 0, limited: 0, angry: 0, escalated: 0, writtenAgain: 0 };
  return { ruleId, name, mode, ...counts, examples: [] };
}

function note(rule: SimulatedRule, change: Example['change'], event: PastEvent): void {
  rule[change] += 1;
  if (rule.examples.length >= examplesMax) return;
  const { conversation_id: conversationId, message_id: messageId, evaluated_at } = event;
  rule.examples.push({ change, conversationId, messageId, evaluatedAt: evaluated_at.toISOString() });
}

function isMatch({ outcome, rule }: TraceEntry): boolean {
  return outcome === 'matched' && rule.mode !== 'off';
}

function isLimited(entry: TraceEntry): boolean {
  return entry.outcome === 'skipped' && entry.reason !== 'once' && denials.some((denial) => denial === entry.reason);
}

function isAngry({ facts }: PastEvent): boolean {
  const risks = facts['message.risks'];
  return Array.isArray(risks) && risks.includes('anger');
}

/** A person was called about it, or is now. */
function hasEscalation({ results }: PastEvent, does: readonly TraceEntry[]): boolean {
  return (
    results.some(({ type, decisionId }) => type === 'escalate' && decisionId !== null) ||
    does.some((entry) => entry.outcome === 'matched' && entry.actions.some(({ type }) => type === 'escalate'))
  );
}
