import { parseId, type ServiceName } from '@crossdesk/contracts';
import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import { codeOf } from '../errors.ts';
import type { AskService } from '../operator/ask-service.ts';

/** The types that implement Node, and the service that knows which of their ids exist. */
export const nodeOwners = {
  Agent: 'conversation',
  Article: 'automation',
  AutomationDecision: 'automation',
  AutomationRule: 'automation',
  Case: 'conversation',
  ChannelAccount: 'ingest',
  Conversation: 'conversation',
  Customer: 'crm',
  Erasure: 'crm',
  Feedback: 'crm',
  FollowUp: 'crm',
  Message: 'conversation',
  Note: 'conversation',
  Order: 'ingest',
  ReplyDraft: 'automation',
  Reprocessing: 'automation',
  RuleSimulation: 'automation',
  Team: 'conversation',
  Template: 'automation',
  Upload: 'ingest',
} as const satisfies Readonly<Record<string, ServiceName>>;

type NodeType = keyof typeof nodeOwners;
const nodeTypes = Object.keys(nodeOwners).filter((type): type is NodeType => type in nodeOwners);

/** What the planner needs to ask the services for the fields of an object. */
export interface NodeReference {
  readonly __typename: NodeType;
  readonly id: string;
}

/** Why an id was not found: a service that may have the object did not answer, or the caller may not read from it. */
export type Hidden = { readonly silent: ServiceName } | { readonly refused: GraphQLError };

export type NodeLoader = DataLoader<string, NodeReference | Hidden | null>;

/** Looks ids up in all services that have objects, once for all ids of an operation. */
export function createNodeLoader(ask: AskService): NodeLoader {
  return new DataLoader(async (texts) => {
    const ids = [...new Set(texts.flatMap((text) => parseId(text) ?? []))];
    const { found, hidden } = await lookUp(ask, ids);
    return texts.map((text) => {
      const id = parseId(text);
      return id === null ? null : (found.get(id) ?? hidden);
    });
  });
}

/** Waits for no service once everything is found. */
async function lookUp(ask: AskService, ids: readonly string[]) {
  const found = new Map<string, NodeReference>();
  const everything = Promise.withResolvers<void>();
  const all = Promise.all(
    [...new Set(Object.values(nodeOwners))].map(async (service) => {
      const references = await referencesIn(ask, service, ids);
      if (!(references instanceof Map)) return [references];
      for (const [id, reference] of references) found.set(id, reference);
      if (found.size === ids.length) everything.resolve();
      return [];
    }),
  );
  const hidden: Hidden[] = ids.length === 0 ? [] : ((await Promise.race([all, everything.promise])) ?? []).flat();
  // What is only silent may be there in a moment.
  return { found, hidden: hidden.find((one) => 'silent' in one) ?? hidden[0] ?? null };
}

/** The objects of a service by the id that was asked for, or why it tells none. */
async function referencesIn(
  ask: AskService,
  service: ServiceName,
  ids: readonly string[],
): Promise<Map<string, NodeReference> | Hidden> {
  const types = nodeTypes.filter((type) => nodeOwners[type] === service);
  const asked = types.flatMap((type) => ids.map((id) => ({ type, id })));
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) {
    ${types.map((type) => `... on ${type} { id }`).join(' ')} } }`;
  const of = asked.map(({ type, id }) => ({ __typename: type, id }));
  const data = await orRefused(() => ask(service, { query, variables: { of }, isMutation: false }));
  if (data instanceof GraphQLError) return { refused: data };
  if (data === null) return { silent: service };
  // The schema of the service has checked the answer, so its shape is trusted.
  const entities = (data['_entities'] ?? []) as readonly ({ readonly id: string } | null)[];
  return new Map(
    asked.flatMap(({ type, id }, n) => {
      // An id of a customer that was merged into another one leads to that one.
      const present = entities[n]?.id;
      return present === undefined ? [] : [[id, { __typename: type, id: present }]];
    }),
  );
}

async function orRefused(work: () => ReturnType<AskService>): Promise<GraphQLError | Awaited<ReturnType<AskService>>> {
  try {
    return await work();
  } catch (problem) {
    if (problem instanceof GraphQLError && codeOf(problem) === 'FORBIDDEN') return problem;
    throw problem;
  }
}
