import {
  anEvent,
  ask,
  anAgent,
  type GraphqlAnswer,
  givenMessage,
  type ReceivedMessage,
  openHarness,
  requestAs,
  type TestHarness,
} from '@crossdesk/testkit';
import { type AgentId, type EventData, newId, type TenantId } from '@crossdesk/contracts';
import type { Caller, Clock, Role } from '@crossdesk/service-kit';
import type { Mutation, Query } from '../src/graphql.generated.ts';
import { type ConversationService, createAgent, createWorkspace, openConversation } from '../src/index.ts';

export const setupCode = 'the-setup-code';
export const options = { issuer: 'crossdesk', audience: 'crossdesk-api', setupCode, passwordMemoryKib: 64 };
export const password = 'correct horse battery';

export interface Bench {
  readonly harness: TestHarness;
  readonly service: ConversationService;
  close(): Promise<void>;
}

/** A running service with its own database and log. */
export async function openBench(clock?: Clock): Promise<Bench> {
  const harness = await openHarness(clock === undefined ? {} : { clock });
  const service = await openConversation(harness.deps, options);
  await service.start();
  return {
    harness,
    service,
    close: async () => {
      await service.stop(5_000);
      await harness.close();
    },
  };
}

export interface Workspace {
  readonly tenantId: TenantId;
  readonly slug: string;
  readonly admin: Caller;
  readonly adminId: AgentId;
  readonly agent: Caller;
  readonly agentId: AgentId;
}

let made = 0;

/** A workspace with an admin and an agent. */
export async function givenWorkspace({ service }: Bench): Promise<Workspace> {
  made += 1;
  const slug = `shop-${made}`;
  const { tenantId } = await createWorkspace(service, { slug, name: `Shop ${made}` });
  const person = (name: string, role: Role) =>
    createAgent(service, tenantId, {
      displayName: name,
      email: `${name}@${slug}.example.com`.toLowerCase(),
      password,
      role,
    });
  const [admin, agent] = [await person('Ada', 'admin'), await person('Bo', 'agent')];
  return {
    tenantId,
    slug,
    adminId: admin.id,
    admin: anAgent(tenantId, 'admin', admin.id),
    agentId: agent.id,
    agent: anAgent(tenantId, 'agent', agent.id),
  };
}

/** Lets a buyer write, and returns the event once the conversation has the message. */
export async function givenInbound({ harness }: Bench, message: ReceivedMessage) {
  const event = givenMessage(message);
  await harness.publish(event);
  await harness.events.next('conversation.message-added', ({ data }) => data.messageId === event.data.messageId);
  return event.data;
}

export function aDelivery(
  tenantId: TenantId,
  data: Partial<EventData<'ingest.delivery-updated'>> &
    Pick<EventData<'ingest.delivery-updated'>, 'messageId' | 'conversationId' | 'accountId'>,
) {
  const report = { status: 'sent', failure: null, detail: null, externalMessageId: null, ...data } as const;
  return anEvent('ingest.delivery-updated', report, { tenantId, aggregateId: data.conversationId });
}

export const conversationFields =
  'id number channel buyerName state assignee { id displayName } unreadCount waitingSince lastMessageAt lastMessagePreview version';

/** The GraphQL answer as JSON; every field that a test reads counts as present. */
type Present<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? Present<Item>[]
    : Value extends object
      ? { [Field in keyof Value]: Present<NonNullable<Value[Field]>> }
      : Value;
/** What every service answers about itself, outside of its own SDL. */
interface AboutItself {
  deadLetters: { edges: { node: object }[]; totalCount: number };
  auditEntries: {
    edges: { node: { seq: number; action: string; targetId: string | null; hash: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
    totalCount: number;
  };
  replayDeadLetters: object;
}

type Data = Present<Query & Mutation> & AboutItself;

/** The answer's `data`; fails the test on GraphQL errors. */
export function dataOf(answer: GraphqlAnswer): Data {
  if (answer.errors.length > 0)
    throw new Error(answer.errors.map((error) => `${String(error.code)}: ${error.message}`).join('; '));
  return answer.data as Data;
}

export async function readConversation({ service }: Bench, caller: Caller, id: string) {
  const answer = await ask(
    service.subgraph,
    caller,
    `query ($id: ID!) { conversation(id: $id) { ${conversationFields} } }`,
    { id },
  );
  return dataOf(answer).conversation;
}

const sendQuery = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
  clientMutationId conversation { version state unreadCount }
  lintFindings { rule severity clause start end message(locale: "zh-CN") }
  message { id clientMutationId direction author kind text delivery { status failure } agent { displayName } conversation { id state version } }
  errors { code message path } } }`;

export async function send({ service }: Bench, caller: Caller, input: Record<string, unknown>) {
  const answer = await ask(service.subgraph, caller, sendQuery, { input: { clientMutationId: newId(), ...input } });
  return dataOf(answer).sendMessage;
}

/** Asks without a sign-in, from an address of its own. */
export async function askAnonymously(
  { service }: Bench,
  query: string,
  variables: Record<string, unknown>,
  clientAddress = '127.0.0.1',
  userAgent = '',
) {
  const context = { ...requestAs({ kind: 'anonymous' }), clientAddress, userAgent };
  const { data, errors } = await service.subgraph.execute({ query, variables, operationName: undefined }, context);
  if (errors !== undefined) throw new Error(errors.map((error) => error.message).join('; '));
  return JSON.parse(JSON.stringify(data)) as Data;
}

const signInQuery =
  'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken expiresAt agent { id email role } errors { code path } } }';

/** Signs in from an address, with the password of the test people unless another one is given. */
export async function signInAt(
  bench: Bench,
  input: { workspace: string; email: string; password?: string },
  clientAddress?: string,
) {
  return (await askAnonymously(bench, signInQuery, { input: { password, ...input } }, clientAddress)).signIn;
}
