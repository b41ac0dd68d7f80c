import { expect } from '@jest/globals';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type EventData,
  type EventOf,
  type MessageId,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import type { Role } from '@crossdesk/service-kit';
import { anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import type { AutomationService } from '../src/app.ts';

export interface ShownRule {
  readonly id: string;
  readonly version: number;
  readonly mode: string;
  readonly position: number;
  readonly name: string;
  readonly actions: readonly unknown[];
}

export interface RulePayload {
  readonly rule: ShownRule | null;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly path: readonly string[] }[];
}

const shown = `id name trigger stops timeZone mode position version actions { type value } limits { scope times hours }
  schedule { weekdays from to }
  condition { all { leaf { field op values } not { leaf { field op values } } } leaf { field op values } }`;

/** Asks the subgraph as a person of the workspace. */
export async function read(
  automation: AutomationService,
  tenantId: TenantId,
  query: string,
  variables: Record<string, unknown> = {},
  role: Role = 'agent',
): Promise<Record<string, unknown>> {
  const { data, errors } = await ask(automation.subgraph, anAgent(tenantId, role), query, variables);
  expect(errors).toEqual([]);
  return data as Record<string, unknown>;
}

export async function mutate(
  automation: AutomationService,
  tenantId: TenantId,
  name: string,
  input: object,
): Promise<RulePayload> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) {
    ${name}(input: $input) { rule { ${shown} } errors { code message path } } }`;
  return (await read(automation, tenantId, query, { input }, 'supervisor'))[name] as RulePayload;
}

export const content = {
  name: 'Refund: after-sales',
  trigger: 'MESSAGE',
  condition: { leaf: { field: 'message.words', op: 'CONTAINS', values: ['refund', '退款'] } },
  actions: [{ type: 'STATE', value: 'pending' }],
};

export async function created(
  automation: AutomationService,
  tenantId: TenantId,
  changes: object = {},
  mode: string | null = null,
): Promise<ShownRule> {
  const input = { clientMutationId: newId(), rule: { ...content, ...changes } };
  const { rule, errors } = await mutate(automation, tenantId, 'createAutomationRule', input);
  expect(errors).toEqual([]);
  if (rule === null) throw new Error('no rule');
  if (mode === null) return rule;
  const switched = { ruleId: rule.id, expectedVersion: rule.version, mode };
  const { rule: next } = await mutate(automation, tenantId, 'setAutomationRuleMode', switched);
  if (next === null) throw new Error('no rule');
  return next;
}

export const allRules = (automation: AutomationService, tenantId: TenantId) =>
  read(automation, tenantId, `{ automationRules { totalCount edges { node { ${shown} } } } }`);

const simulation = `events state result { changedEvents divergedConversations divergedEvents unreadableEvents
  rules { ruleName mode matchedBefore matched gained lost limited writtenAgain
    examples { change conversationId messageId } } }`;

/** A simulation, once it is done. */
export async function simulated(automation: AutomationService, tenantId: TenantId, wish: object): Promise<unknown> {
  const input = { clientMutationId: newId(), ...wish };
  const begun = await read(
    automation,
    tenantId,
    `mutation ($input: SimulateAutomationRulesInput!) { simulateAutomationRules(input: $input) {
      simulation { id } errors { code path } } }`,
    { input },
    'supervisor',
  );
  const { simulateAutomationRules } = begun as {
    simulateAutomationRules: { simulation: { id: string } | null; errors: unknown[] };
  };
  expect(simulateAutomationRules.errors).toEqual([]);
  const { id } = simulateAutomationRules.simulation ?? {};
  return eventually(async () => {
    const query = `query ($id: ID!) { ruleSimulation(id: $id) { ${simulation} } }`;
    const { ruleSimulation } = await read(automation, tenantId, query, { id }, 'supervisor');
    expect(ruleSimulation).toMatchObject({ state: 'DONE' });
    return ruleSimulation;
  });
}

type Snapshot = EventData<'conversation.message-added'>['conversation'];

export interface Said {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly text: string | null;
  readonly conversation?: Partial<Snapshot>;
  readonly direction?: 'inbound' | 'outbound';
  readonly causationDepth?: number;
}

function snapshot(conversationId: ConversationId, changes: Partial<Snapshot> = {}): Snapshot {
  const now = new Date().toISOString();
  return {
    conversationId,
    accountId: newId<ChannelAccountId>(),
    channel: 'shopee',
    state: 'unread',
    priority: 'normal',
    assigneeId: null,
    unreadCount: 1,
    waitingSince: now,
    lastMessageAt: now,
    ...changes,
  };
}

/** A message that the conversation service has added. */
export function said({ tenantId, conversationId, text, direction = 'inbound', ...rest }: Said) {
  return anEvent(
    'conversation.message-added',
    {
      conversation: snapshot(conversationId, rest.conversation),
      messageId: newId<MessageId>(),
      direction,
      author: direction === 'inbound' ? 'buyer' : 'agent',
      kind: 'text',
      text,
    },
    { tenantId, aggregateId: conversationId, causationDepth: rest.causationDepth ?? 1 },
  );
}

/** The conversation service writes what was decided. */
export function botSaid({
  tenantId,
  data: { conversationId, messageId, content },
}: EventOf<'automation.reply-decided'>) {
  const text = content.kind === 'text' ? content.text : null;
  const event = said({ tenantId, conversationId, text, direction: 'outbound' });
  return { ...event, data: { ...event.data, messageId, author: 'bot' as const } };
}

/** The bot answers nothing; who asks for a person is told that one answers. */
export async function handsOver(automation: AutomationService, tenantId: TenantId): Promise<void> {
  const text = 'A colleague answers soon.';
  const shape = { key: 'ack', name: 'ack', situation: 'OTHER', variables: [], fallbackLocales: ['en'] };
  const written = await read(
    automation,
    tenantId,
    `mutation ($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } } }`,
    { input: { ...shape, variants: [{ locale: 'en', text }] } },
    'supervisor',
  );
  const { id: templateId } = (written as { upsertTemplate: { template: { id: string } } }).upsertTemplate.template;
  const handOver = { templateId, answerWithinMinutes: 90 };
  const set = await read(
    automation,
    tenantId,
    `mutation ($input: SetAutomationPolicyInput!) { setAutomationPolicy(input: $input) { errors { code path } } }`,
    { input: { mode: 'AUTO', waitSeconds: 0, expectedVersion: 0, handOver } },
    'supervisor',
  );
  expect(set).toEqual({ setAutomationPolicy: { errors: [] } });
}

/** A conversation that was assigned. */
export function assigned(tenantId: TenantId, conversationId: ConversationId) {
  return anEvent(
    'conversation.changed',
    {
      conversation: snapshot(conversationId, { assigneeId: newId<AgentId>() }),
      change: 'assignee',
      previousState: 'unread',
    },
    { tenantId, aggregateId: conversationId },
  );
}

/** The link that crm found because of a message. */
export function linked(
  cause: EventOf<'conversation.message-added'>,
  customerId: CustomerId,
  orderId: OrderId | null,
): EventOf<'crm.conversation-linked'> {
  const { tenantId, aggregateId, correlationId } = cause;
  const order = orderId === null ? null : { orderId, confidence: 1, reason: 'PLATFORM_REFERENCE' as const };
  const data = { conversationId: cause.data.conversation.conversationId, customerId, order };
  return { ...anEvent('crm.conversation-linked', data, { tenantId, aggregateId, causationDepth: 1 }), correlationId };
}

/** An order that ingest tells of. */
export function orderIn(
  state: EventData<'ingest.order-updated'>['state'],
  {
    tenantId,
    orderId,
    version = 1,
  }: { readonly tenantId: TenantId; readonly orderId: OrderId; readonly version?: number },
): EventOf<'ingest.order-updated'> {
  const now = new Date().toISOString();
  const names = { channel: 'shopee', externalOrderId: 'O-1', buyerExternalId: null, buyerName: null } as const;
  const rest = { recipient: null, items: [], shipments: [], placedAt: now, platformUpdatedAt: now };
  const total = { amountMinor: '5050', currency: 'EUR' };
  return anEvent(
    'ingest.order-updated',
    { orderId, accountId: newId(), ...names, state, platformState: state, total, ...rest },
    { tenantId, aggregateId: orderId, aggregateVersion: version },
  );
}

/** A template with something of the order, in English and German. */
export async function aboutOrder(
  automation: AutomationService,
  tenantId: TenantId,
  name = 'orderNumber',
): Promise<string> {
  const variables = [{ name, type: 'TEXT' }];
  const variants = [
    { locale: 'en', text: `About {${name}}.` },
    { locale: 'de', text: `Zu {${name}}.` },
  ];
  const input = {
    key: name.toLowerCase(),
    name: 'About',
    situation: 'OTHER',
    variables,
    fallbackLocales: ['en'],
    variants,
  };
  const query = `mutation ($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } } }`;
  const answer = await read(automation, tenantId, query, { input }, 'supervisor');
  return (answer as { upsertTemplate: { template: { id: string } } }).upsertTemplate.template.id;
}

export interface Explained {
  readonly evaluations: readonly {
    readonly ruleSet: number;
    readonly isReproduced: boolean;
    readonly facts: readonly { readonly field: string; readonly values: readonly string[] }[];
    readonly rules: readonly {
      readonly ruleName: string;
      readonly outcome: string;
      readonly reason: string | null;
      readonly actions: readonly unknown[];
      readonly results: readonly unknown[];
    }[];
  }[];
}

const explanation = `query ($id: ID!) { explainAutomation(messageId: $id) { evaluations { evaluatedAt ruleSet isReproduced
  facts { field values } rules { ruleId ruleName ruleVersion mode outcome reason actions { type value }
    results { type code decision { kind outcome code } }
    leaf { path known leaf { field op values } } } } } }`;

export async function explained(
  automation: AutomationService,
  { tenantId, data }: EventOf<'conversation.message-added'>,
): Promise<Explained | null> {
  const answer = await read(automation, tenantId, explanation, { id: data.messageId });
  return answer['explainAutomation'] as Explained | null;
}

/** The explanation of a message, once it was evaluated so often. */
export function explanationOf(
  automation: AutomationService,
  message: EventOf<'conversation.message-added'>,
  evaluations = 1,
): Promise<Explained> {
  return eventually(async () => {
    const found = await explained(automation, message);
    expect(found?.evaluations).toHaveLength(evaluations);
    if (found === null) throw new Error('not explained');
    return found;
  });
}

export const outcomesIn = ({ evaluations }: Explained) =>
  evaluations.map(({ rules }) => rules.map(({ outcome, reason }) => reason ?? outcome));
