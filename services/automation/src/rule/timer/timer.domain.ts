import { judge } from '@crossdesk/condition';
import type { ConversationId, EventId, MessageId, OrderId, RuleId, TenantId } from '@crossdesk/contracts';
import type { CompiledSet } from '../compiled-set.domain.ts';
import type { Facts } from '../field.domain.ts';
import type { Trigger } from '../rule.domain.ts';

/** A rule that looks when it is due, as a row. */
export interface Timer {
  readonly tenant_id: TenantId;
  readonly rule_id: RuleId;
  readonly rule_version: number;
  readonly conversation_id: ConversationId;
  readonly trigger: Trigger;
  readonly anchor_event_id: EventId;
  readonly order_id: OrderId | null;
  readonly message_id: MessageId | null;
  readonly facts: Facts;
  readonly correlation_id: string;
  readonly causation_depth: number;
  readonly due_at: Date;
  readonly tries: number;
}

/** Something that begins the times of rules. */
export interface Anchor {
  readonly set: CompiledSet;
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly trigger: Trigger;
  readonly eventId: EventId;
  readonly orderId: OrderId | null;
  readonly messageId: MessageId | null;
  readonly correlationId: string;
  readonly causationDepth: number;
  readonly facts: Facts;
  readonly now: Date;
}

/** The times that begin: of the rules that could match then, whatever becomes of the rest of the world. */
export function timersOf(anchor: Anchor): Timer[] {
  const { set, tenantId, conversationId, trigger, eventId, orderId, messageId, now } = anchor;
  const facts = lasting(anchor.facts);
  return set.delayed.flatMap(({ id, version, trigger: own, afterMinutes, condition }): Timer[] => {
    if (own !== trigger || afterMinutes === null || judge(condition, facts).verdict === 'FALSE') return [];
    return [
      {
        ...{ tenant_id: tenantId, rule_id: id, conversation_id: conversationId, rule_version: version, trigger },
        ...{ anchor_event_id: eventId, order_id: orderId, message_id: messageId, facts, tries: 0 },
        ...{ correlation_id: anchor.correlationId, causation_depth: anchor.causationDepth },
        due_at: new Date(now.getTime() + afterMinutes * 60_000),
      },
    ];
  });
}

/** What stays true of the anchor: the message and what was understood of it. */
function lasting(facts: Facts): Facts {
  return Object.fromEntries(
    Object.entries(facts).filter(([field]) => field.startsWith('message.') && field !== 'message.hasOrder'),
  );
}

/** What ends times that have begun: an event of the conversation ends those of some triggers. */
export interface End {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly trigger: Trigger;
}

/** Takes ends and beginnings in their order: what is ended in the end, and what runs. A time that runs is not begun again. */
export function planTimers(steps: readonly { readonly ends: readonly End[]; readonly begins: readonly Timer[] }[]) {
  const ends = new Map<string, End>();
  const begins = new Map<string, Timer>();
  for (const step of steps) {
    for (const end of step.ends) {
      ends.set(`${end.tenantId} ${end.conversationId} ${end.trigger}`, end);
      for (const [key, timer] of begins)
        if (timer.conversation_id === end.conversationId && timer.trigger === end.trigger) begins.delete(key);
    }
    for (const timer of step.begins) {
      const key = `${timer.tenant_id} ${timer.rule_id} ${timer.conversation_id}`;
      if (!begins.has(key)) begins.set(key, timer);
    }
  }
  return { ends: [...ends.values()], begins: [...begins.values()] };
}
