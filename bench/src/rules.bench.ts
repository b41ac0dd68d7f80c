import { checkRules, evaluate, type RuleVersion } from '@crossdesk/automation';
import { newId, type RuleId } from '@crossdesk/contracts';
import type { Client } from 'pg';
import { type Figure, percentile } from './figures.ts';
import { startSystem } from './system.ts';

const languages = ['en', 'de', 'es', 'fr', 'zh'];
const states = ['unread', 'pending', 'handled', 'transferred'];
const intents = ['order_status', 'logistics', 'refund', 'return_exchange', 'cancel_order', 'product_question'];

const pick = (list: readonly string[], n: number) => list[n % list.length] ?? '';

/** A rule as workspaces write them: three comparisons, two actions. */
function ruleAt(n: number): RuleVersion {
  return {
    ...{ id: newId<RuleId>(), version: 1, mode: 'auto', name: `Rule ${n}`, trigger: 'message', stops: false },
    ...{ limits: [], afterMinutes: null, timeZone: 'Asia/Shanghai', schedule: [] },
    condition: {
      kind: 'all',
      of: [
        { kind: 'leaf', field: 'message.language', op: 'in', values: [pick(languages, n)] },
        { kind: 'leaf', field: 'message.intents', op: 'in', values: [pick(intents, n)] },
        { kind: 'leaf', field: 'order.total', op: 'at-least', values: [String(n % 50)] },
      ],
    },
    actions: [
      { type: 'tag', value: `tag ${n}` },
      { type: 'priority', value: pick(['high', 'low'], n) },
    ],
  };
}

const rulesOf = (count: number) => Array.from({ length: count }, (_, n) => ruleAt(n));

export async function benchRules(): Promise<Figure[]> {
  return [evaluation(), check(), await simulation()];
}

function evaluation(): Figure {
  const set = { number: 1, rules: rulesOf(200) };
  const times = Array.from({ length: 4_000 }, (_, n) => {
    const facts = {
      ...{ 'message.language': pick(languages, n), 'message.intents': [pick(intents, n)], 'order.total': n % 60 },
    };
    const occurrence = { trigger: 'message', facts, now: new Date(n * 7_000), taken: [], timerRuleId: null } as const;
    const startedAt = performance.now();
    evaluate(set, occurrence, () => null);
    return (performance.now() - startedAt) * 1_000;
  });
  const p95 = percentile(times.slice(1_000), 0.95);
  return { name: '200 rules on one event, p95', value: p95, unit: 'us', target: '<= 200', isReached: p95 <= 200 };
}

function check(): Figure {
  const rules = rulesOf(500);
  const startedAt = performance.now();
  const findings = checkRules(rules, new Set());
  const ms = performance.now() - startedAt;
  const detail = `${findings.length} findings`;
  return { name: 'check of 500 rules', value: ms, unit: 'ms', target: '<= 1,000', isReached: ms <= 1_000, detail };
}

const events = 1_000_000;
const rulesInForce = 20;

/** Tries one of twenty rules in another mode on a month of a large workspace. */
async function simulation(): Promise<Figure> {
  const system = await startSystem();
  try {
    const { database, ask } = system;
    const rules = rulesOf(rulesInForce);
    await database.query(ruleSet, [JSON.stringify(rules)]);
    await database.query(history, [events, languages, intents, states]);
    await database.query('analyze automation.evaluation');
    const [from, to] = [daysAgo(31), daysAgo(0)];
    const startedAt = performance.now();
    await ask(
      `mutation ($input: SimulateAutomationRulesInput!) {
        simulateAutomationRules(input: $input) { simulation { id } errors { message } } }`,
      { input: { clientMutationId: newId(), ruleId: rules[0]?.id, mode: 'OFF', from, to } },
    );
    const done = await untilDone(database);
    const seconds = (performance.now() - startedAt) / 1_000;
    const detail = `${done.events} events, ${rulesInForce} rules; ${done.changed} changed`;
    const isReached = seconds <= 15 && done.events === events;
    return {
      name: 'what-if over 1 M stored evaluations',
      value: seconds,
      unit: 's',
      target: '<= 15',
      isReached,
      detail,
    };
  } finally {
    await system.stop();
  }
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}

interface Done {
  readonly events: number;
  readonly changed: number;
}

async function untilDone(database: Client): Promise<Done> {
  for (;;) {
    const { rows } = await database.query<Done>(
      `select events, (result ->> 'changedEvents')::int as changed from automation.simulation where state = 'done'`,
    );
    if (rows[0] !== undefined) return rows[0];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The rules of the only workspace, as its first set. */
const ruleSet = `
  with rule as (
    select (r ->> 'id')::uuid as id, r ->> 'mode' as mode, r - 'id' - 'version' - 'mode' as content
    from jsonb_array_elements($1::jsonb) r
  ), version as (
    insert into automation.rule_version (tenant_id, rule_id, version, mode, content)
    select w.tenant_id, r.id, 1, r.mode, r.content from rule r cross join conversation.workspace w
  )
  insert into automation.rule_set (tenant_id, number, rules, has_turn, made_at)
  select w.tenant_id, 1, (select jsonb_agg(jsonb_build_object('ruleId', r.id, 'version', 1)) from rule r), false, now()
  from conversation.workspace w`;

/** Evaluations of a month, as the consumer leaves them. */
const history = `
  insert into automation.evaluation (tenant_id, event_id, trigger, conversation_id, message_id, correlation_id, buyer_id,
    based_on_version, rule_set, facts, denials, taken, trace_hash, results, evaluated_at)
  select w.tenant_id, uuidv7(t.at - now()), 'message', md5((n / 5)::text)::uuid, gen_random_uuid(), uuidv7(t.at - now()),
    md5((n / 8)::text)::uuid, 1, 1,
    jsonb_build_object('message.channel', 'shopee', 'message.account', w.tenant_id, 'message.kind', 'text', 'message.isFirst', n % 5 = 0,
      'message.language', ($2::text[])[1 + n % 5], 'message.words', '[]'::jsonb,
      'message.intents', jsonb_build_array(($3::text[])[1 + n % 7]), 'message.sentiment', (n % 20) / 10.0 - 1,
      'message.risks', '[]'::jsonb, 'message.hasOrder', true, 'conversation.state', ($4::text[])[1 + n % 4],
      'conversation.isAssigned', n % 2 = 0, 'conversation.waitingMinutes', n % 90, 'conversation.messageCount', 1 + n % 5,
      'order.state', 'shipped', 'order.daysSincePlaced', n % 30, 'order.total', n % 60, 'order.currency', 'USD'),
    '{}', '{}', md5(n::text), '[]', t.at
  from generate_series(1, $1::int) n cross join conversation.workspace w
  cross join lateral (select now() - interval '30 days' + n * interval '2.5 seconds' as at) t
  order by n`;
