import type { TenantId } from '@crossdesk/contracts';
import { anAgent, ask } from '@crossdesk/testkit';
import type { IngestService } from '../src/index.ts';

export interface Parked {
  readonly id: string;
  readonly channel: string;
  readonly source: string;
  readonly reason: string;
  readonly body: string;
  readonly account: object | null;
}

/** The parked deliveries of a workspace, newest first, as a supervisor sees them. */
export async function parkedOf(ingest: IngestService, tenantId: TenantId): Promise<readonly Parked[]> {
  const query = '{ parkedWebhooks { edges { node { id channel source reason body account { id } } } } }';
  const { data } = await ask(ingest.subgraph, anAgent(tenantId, 'supervisor'), query);
  const { parkedWebhooks } = data as { parkedWebhooks: { edges: { node: Parked }[] } };
  return parkedWebhooks.edges.map(({ node }) => node);
}

/** The errors of a replay. */
export async function replay(
  ingest: IngestService,
  tenantId: TenantId,
  id: string,
): Promise<readonly { readonly code: string }[]> {
  const mutation = `mutation($input: ReplayParkedWebhookInput!) {
    replayParkedWebhook(input: $input) { parkedWebhook { replayedAt } errors { code } } }`;
  const { data } = await ask(ingest.subgraph, anAgent(tenantId, 'supervisor'), mutation, {
    input: { parkedWebhookId: id },
  });
  return (data as { replayParkedWebhook: { errors: { code: string }[] } }).replayParkedWebhook.errors;
}
