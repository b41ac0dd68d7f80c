import type { ServiceName } from '@crossdesk/contracts';
import type { ResolversTypes } from '../graphql.generated.ts';
import type { AskService } from './ask-service.ts';
import type { ServicePage } from './merged-list.ts';

type DeadLetter = Omit<Awaited<ResolversTypes['DeadLetter']>, 'service'>;
type AuditEntry = Omit<Awaited<ResolversTypes['AuditEntry']>, 'service'>;

interface Wanted {
  readonly first: number;
  readonly after: string | undefined;
}

interface Answered<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean };
  readonly totalCount: number;
  readonly isTotalCountExact: boolean;
}

const pageOf = (field: string, node: string) =>
  `query ($first: Int!, $after: String) {
    ${field}(first: $first, after: $after) { edges { cursor node { ${node} } } pageInfo { hasNextPage }
      totalCount isTotalCountExact } }`;

const deadLettersQuery = pageOf('deadLetters', 'id consumer key eventType reason attempts parkedAt');
const auditEntriesQuery = pageOf('auditEntries', 'seq at actorKind actorId action targetId hash');

/** A page of one service; null when it does not answer. */
export async function deadLettersOf(ask: AskService, service: ServiceName, wanted: Wanted) {
  const data = await ask(service, { query: deadLettersQuery, variables: { ...wanted }, isMutation: false });
  // The schema of the service has checked the answer, so its shape is trusted.
  const page = data?.['deadLetters'] as Answered<DeadLetter & { readonly parkedAt: string }> | undefined;
  return page === undefined ? null : decoded(service, page, (node) => ({ ...node, parkedAt: new Date(node.parkedAt) }));
}

/** A page of one service; null when it does not answer. */
export async function auditEntriesOf(ask: AskService, service: ServiceName, wanted: Wanted) {
  const data = await ask(service, { query: auditEntriesQuery, variables: { ...wanted }, isMutation: false });
  const page = data?.['auditEntries'] as Answered<AuditEntry & { readonly at: string }> | undefined;
  return page === undefined ? null : decoded(service, page, (node) => ({ ...node, at: new Date(node.at) }));
}

function decoded<Raw, Node>(
  service: ServiceName,
  { edges, pageInfo, totalCount, isTotalCountExact }: Answered<Raw>,
  nodeOf: (raw: Raw) => Node,
): ServicePage<Node> {
  const { hasNextPage } = pageInfo;
  const rows = edges.map(({ cursor, node }) => ({ cursor, node: nodeOf(node) }));
  return { service, edges: rows, hasNextPage, totalCount, isTotalCountExact };
}

export interface Replayed {
  readonly replayedCount: number;
  readonly remainingCount: number;
  readonly errors: { readonly code: 'NOT_FOUND'; readonly message: string; readonly path: string[] }[];
}

export const replayMutation = `mutation ($input: ReplayDeadLettersInput!) {
  replayDeadLetters(input: $input) { replayedCount remainingCount errors { code message path } } }`;

/** What a service did with a request to replay; null when it does not answer. */
export async function replayIn(
  ask: AskService,
  service: ServiceName,
  input: { readonly consumer: string; readonly key: string },
): Promise<Replayed | null> {
  const data = await ask(service, { query: replayMutation, variables: { input }, isMutation: true });
  return (data?.['replayDeadLetters'] as Replayed | undefined) ?? null;
}
