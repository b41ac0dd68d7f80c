import type { ConversationId, MessageId, RuleId, TemplateId, TenantId } from '@crossdesk/contracts';
import {
  afterCommit,
  causedByEvent,
  type Clock,
  declareCounter,
  type Metrics,
  type Outbox,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { recordDecisions } from '../decision/record-decisions.ts';
import type { Template } from '../template/template.domain.ts';
import { templatesByIds } from '../template/template.store.ts';
import type { CompiledSet } from './compiled-set.domain.ts';
import { decide, type Replies, type Result } from './decide.domain.ts';
import {
  candidates,
  type Denial,
  denials,
  evaluate,
  type Occurrence,
  type TraceEntry,
  type Wanted,
  wantedBy,
} from './evaluate.domain.ts';
import {
  type Act,
  type Evaluation,
  insertActs,
  insertEvaluations,
  lockLimits,
  readLedger,
} from './evaluation.store.ts';
import { countsWanted, denialOf, type Ledger, noteAct, type Subject } from './limit.domain.ts';
import { traceHash } from './trace-hash.ts';

const evaluations = declareCounter<'trigger'>('automation', {
  name: 'crossdesk_rule_evaluations_total',
  help: 'Evaluations of the rules of a workspace by what made them look',
  labelNames: ['trigger'],
});
const actions = declareCounter<'action' | 'outcome'>('automation', {
  name: 'crossdesk_rule_actions_total',
  help: 'What rules that act wanted done: decided, or why nothing was',
  labelNames: ['action', 'outcome'],
});

interface Deps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

type Cause = Parameters<typeof causedByEvent>[0];

/** An event, or a turn, for the rules of its workspace. */
export interface Occasion extends Occurrence {
  /** The id of the evaluation. */
  readonly id: Evaluation['event_id'];
  readonly set: CompiledSet;
  readonly cause: Cause;
  readonly subject: Subject & { readonly conversationId: ConversationId };
  readonly messageId: MessageId | null;
  /** The version of the conversation that is known. */
  readonly basedOnVersion: number;
  /** For the variables of templates. */
  readonly values: ReadonlyMap<string, string>;
  /** Null where rules cannot reply. */
  readonly replies: Replies | null;
}

interface Traced {
  readonly occasion: Occasion;
  readonly trace: readonly TraceEntry[];
}

/**
 * Evaluates events one after the other, decides what rules that act want done, and records all of it with what it depended on.
 * Returns what became of the actions of each.
 */
export async function evaluateAll(
  deps: Deps,
  trx: Transaction<DB>,
  occasions: readonly Occasion[],
): Promise<readonly (readonly Result[])[]> {
  if (occasions.length === 0) return [];
  const ledger = await ledgerFor(trx, occasions);
  const traced = occasions.map((occasion) => ({ occasion, trace: evaluateOne(occasion, ledger) }));
  const templates = await templatesFor(trx, traced);
  const carried = traced.map((one) => ({ ...one, decided: decideAll(one, templates) }));
  await insertEvaluations(
    trx,
    carried.map(({ occasion, trace, decided }) =>
      rowOf(
        occasion,
        trace,
        decided.map(({ result }) => result),
      ),
    ),
  );
  await insertActs(
    trx,
    carried.flatMap(({ occasion, trace, decided }) =>
      actsOf(
        occasion,
        trace,
        decided.map(({ result }) => result),
      ),
    ),
  );
  await recordDecisions(
    deps,
    trx,
    carried.flatMap(({ decided }) => decided.flatMap(({ wanted }) => wanted ?? [])),
  );
  const results = carried.map(({ decided }) => decided.map(({ result }) => result));
  afterCommit(trx, () => count(deps, occasions, results.flat()));
  return results;
}

function count({ metrics }: Deps, occasions: readonly Occasion[], results: readonly Result[]): void {
  for (const { trigger } of occasions) evaluations(metrics).inc({ trigger });
  for (const { type: action, code } of results) actions(metrics).inc({ action, outcome: code ?? 'decided' });
}

async function ledgerFor(trx: Transaction<DB>, occasions: readonly Occasion[]): Promise<Ledger> {
  const possible = occasions.flatMap((occasion) =>
    candidates(occasion.set, occasion).map((rule) => ({ rule, occasion })),
  );
  const shared = possible.filter(({ rule }) => rule.limits.some(({ scope }) => scope !== 'conversation'));
  await lockLimits(
    trx,
    shared.map(({ occasion }) => occasion.subject.tenantId),
  );
  const once = possible.map(({ rule, occasion }) => ({ ...occasion.subject, ruleId: rule.id }));
  const counts = possible.flatMap(({ rule, occasion }) => countsWanted(rule, occasion.subject, occasion.now));
  return readLedger(trx, once, counts);
}

function evaluateOne(occasion: Occasion, ledger: Ledger): TraceEntry[] {
  const { set, subject } = occasion;
  const trace = evaluate(set, occasion, (rule) => denialOf(rule, subject, ledger));
  for (const entry of trace) if (entry.outcome === 'matched') noteAct(entry.rule, subject, ledger);
  return trace;
}

/** What rules that act want done; the others are only recorded. */
function toDo(trace: readonly TraceEntry[]): Wanted[] {
  return wantedBy(trace).filter(({ mode }) => mode === 'auto');
}

/** The templates that replies need, by workspace and id. */
async function templatesFor(trx: Transaction<DB>, traced: readonly Traced[]): Promise<Map<string, Template>> {
  const wanted = traced.flatMap(({ occasion, trace }) =>
    toDo(trace).flatMap(({ action: { type, value } }) =>
      // `readRule` has decoded the id.
      type === 'reply' ? [{ tenantId: occasion.subject.tenantId, id: value as TemplateId }] : [],
    ),
  );
  const found = new Map<string, Template>();
  for (const [tenantId, own] of Map.groupBy(wanted, (one) => one.tenantId)) {
    const templates = await templatesByIds(trx, tenantId, [...new Set(own.map(({ id }) => id))]);
    for (const [id, template] of templates) found.set(`${tenantId} ${id}`, template);
  }
  return found;
}

function decideAll({ occasion, trace }: Traced, templates: ReadonlyMap<string, Template>) {
  const { subject, basedOnVersion, facts, values, cause, replies } = occasion;
  const { tenantId, conversationId } = subject;
  const [channel, language] = [facts['message.channel'], facts['message.language']];
  const about = {
    ...{ tenantId, conversationId, basedOnVersion, values, replies },
    channel: typeof channel === 'string' ? channel : '',
    language: typeof language === 'string' ? language : null,
  };
  return toDo(trace).map((wanted) => {
    const template = templates.get(`${tenantId} ${wanted.action.value}`) ?? null;
    const { result, decision } = decide(wanted, about, template);
    const origin = causedByEvent(cause, { kind: 'automation', id: wanted.ruleId });
    return { result, wanted: decision === null ? null : { decision, origin } };
  });
}

function rowOf(occasion: Occasion, trace: readonly TraceEntry[], results: readonly Result[]): Omit<Evaluation, 'seq'> {
  const { id, set, subject, messageId, trigger, timerRuleId, facts, taken, now, basedOnVersion } = occasion;
  return {
    tenant_id: subject.tenantId,
    event_id: id,
    trigger,
    timer_rule_id: timerRuleId,
    conversation_id: subject.conversationId,
    message_id: messageId,
    correlation_id: subject.correlationId,
    buyer_id: subject.buyerId,
    based_on_version: basedOnVersion,
    rule_set: set.number,
    facts,
    denials: denialsIn(trace),
    taken: [...taken],
    trace_hash: traceHash(trace),
    results,
    evaluated_at: now,
  };
}

function denialsIn(trace: readonly TraceEntry[]): Record<RuleId, Denial> {
  return Object.fromEntries(
    trace.flatMap((entry) => {
      const denial = entry.outcome === 'skipped' ? denials.find((one) => one === entry.reason) : undefined;
      return denial === undefined ? [] : [[entry.rule.id, denial]];
    }),
  );
}

/** A rule of which nothing could be decided has not acted: it may, when more is known. */
function actsOf({ subject, now }: Occasion, trace: readonly TraceEntry[], results: readonly Result[]): Act[] {
  return trace.flatMap(({ rule, outcome }) => {
    if (outcome !== 'matched' || rule.mode === 'off') return [];
    const isDone = results.some(({ ruleId, decisionId }) => ruleId === rule.id && decisionId !== null);
    if (rule.mode === 'auto' && !isDone) return [];
    return [
      {
        tenant_id: subject.tenantId,
        rule_id: rule.id,
        correlation_id: subject.correlationId,
        mode: rule.mode,
        conversation_id: subject.conversationId,
        buyer_id: subject.buyerId,
        acted_at: now,
      },
    ];
  });
}

/** The workspaces of events. */
export function tenantsOf(events: readonly { readonly event: { readonly tenantId: TenantId } }[]): TenantId[] {
  return events.map(({ event }) => event.tenantId);
}
