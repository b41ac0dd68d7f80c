import { operations } from '../history.ts';
import type { OutboxEvent } from '../observations.ts';
import { type Checker, grouped, type Violation, violation } from './checker.port.ts';

/** Routing: once all is quiet, nothing waits that somebody on duty has room for. */
export const nothingWaitsInVain: Checker = (_history, seen) =>
  seen.waitsInVain.map(({ conversationId, agentId }) =>
    violation('routing', 'lost', `${conversationId} waits, and ${agentId} is on duty and has room`),
  );

interface Snapshot {
  readonly assigneeId: string | null;
  readonly strategy: string | null;
}

function snapshotOf({ data }: OutboxEvent): Snapshot | null {
  const { conversation, assignment } = data;
  if (typeof conversation !== 'object' || conversation === null || !('assigneeId' in conversation)) return null;
  const strategy: unknown = Reflect.get(Object(assignment), 'strategy');
  return {
    assigneeId: typeof conversation.assigneeId === 'string' ? conversation.assigneeId : null,
    strategy: typeof strategy === 'string' ? strategy : null,
  };
}

/** Routing: the queue gives out and people take only what nobody has, and whoever was told that it is theirs had it. */
export const oneOwnerAtATime: Checker = (history, seen) => {
  const own = seen.outbox.filter(({ service }) => service === 'conversation');
  const histories = grouped(own, ({ key }) => key);
  const owners = new Map<string, Set<string>>();
  const taken = [...histories].flatMap(([id, events]) => {
    let before: string | null = null;
    const had = new Set<string>();
    owners.set(id, had);
    return events
      .toSorted((a, b) => a.version - b.version)
      .flatMap((event): Violation[] => {
        const snapshot = snapshotOf(event);
        if (snapshot === null) return [];
        const { assigneeId, strategy } = snapshot;
        const wasTaken = strategy !== null && before !== null;
        const what = `${id} was given to ${assigneeId} while ${before} had it`;
        before = assigneeId;
        if (assigneeId !== null) had.add(assigneeId);
        return wasTaken ? [violation('routing', 'doubled', what)] : [];
      });
  });
  const unheard = operations(history, 'claim').flatMap(({ conversationId, agentId, isTheirs }) =>
    isTheirs && owners.get(conversationId)?.has(agentId) !== true
      ? [violation('routing', 'lost', `${agentId} took ${conversationId} and never had it`)]
      : [],
  );
  return [...taken, ...unheard];
};

/**
 * Routing: the queue gives nothing to somebody off duty, or beyond what they can take. Whoever gives out and whoever comes
 * or leaves locks the person before writing an event, so the order of the events is the order of what happened.
 */
export const onlyWithRoomAndOnDuty: Checker = (_history, seen) => {
  const onDuty = new Map<string, boolean>();
  const absent = seen.outbox.flatMap((event): Violation[] => {
    if (event.service !== 'conversation') return [];
    if (event.type === 'conversation.duty-changed') onDuty.set(event.key, event.data['isOnDuty'] === true);
    const { assigneeId = null, strategy = null } = snapshotOf(event) ?? {};
    if (strategy === null || strategy === 'claimed' || assigneeId === null) return [];
    return onDuty.get(assigneeId) === true
      ? []
      : [violation('routing', 'wrong', `${event.key} was given to ${assigneeId}, who is off duty`)];
  });
  const full = seen.routed.flatMap(({ conversationId, agentId, used, capacity }) =>
    used + 1 <= capacity
      ? []
      : [violation('routing', 'wrong', `${conversationId} was given to ${agentId}, who had ${used} of ${capacity}`)],
  );
  return [...absent, ...full];
};

const told = ['conversation.sla-warned', 'conversation.sla-breached'] as const;

const wordOf = (type: string): string => type.replace('conversation.sla-', '');

/** Service levels: each clock warns and breaches at most once, and what a clock says of itself was told. */
export const clocksTellOnce: Checker = (_history, seen) => {
  const times = grouped(
    seen.outbox.filter(({ type }) => told.some((one) => one === type)),
    ({ type, data }) => `${type} ${String(data['clockId'])}`,
  );
  const doubled = [...times]
    .filter(([, events]) => events.length > 1)
    .map(([name, events]) => violation('sla', 'doubled', `${name} was told ${events.length} times`));
  const silent = seen.clocks.flatMap(({ id, told: says, isBreached }) =>
    told
      .filter((type) => says.includes(wordOf(type)) || (isBreached && wordOf(type) === 'breached'))
      .filter((type) => !times.has(`${type} ${id}`))
      .map((type) => violation('sla', 'lost', `${type} ${id} was never told`)),
  );
  return [...doubled, ...silent];
};

/** Bulk: each target of a job is settled once, with one message if it is done and none otherwise. */
export const targetsOnce: Checker = (history, seen) => {
  const erased = new Set(seen.erasedConversations);
  return operations(history, 'bulk').flatMap(({ jobId, conversationIds }) => {
    const items = seen.bulkItems.filter((item) => item.jobId === jobId);
    const targets = grouped(items, ({ conversationId }) => conversationId);
    const missing = conversationIds.filter((id) => targets.get(id)?.length !== 1);
    return [
      ...missing.map((id) => violation('bulk', 'lost', `${id} is not one target of the job ${jobId}`)),
      ...items.flatMap(({ conversationId, outcome, messages }) => {
        const what = `the job ${jobId} came to ${outcome} in ${conversationId}, with ${messages} messages`;
        if (outcome === null) return [violation('bulk', 'lost', what)];
        const wanted = outcome === 'done' ? 1 : 0;
        // The messages of a buyer who was erased are gone.
        if (messages === wanted || (messages < wanted && erased.has(conversationId))) return [];
        return [violation('bulk', messages > wanted ? 'doubled' : 'lost', what)];
      }),
    ];
  });
};
