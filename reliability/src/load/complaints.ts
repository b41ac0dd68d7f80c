import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import { insist } from '../system/insist.ts';

const complaints = 5;
const listed = '{ customers(first: 1) { edges { node { conversations(first: 1) { edges { node { id } } } } } } }';
const noted = `mutation($input: RecordFeedbackInput!) { recordFeedback(input: $input) { feedback { id } } }`;

interface Listed {
  readonly customers: {
    readonly edges: readonly {
      readonly node: {
        readonly conversations: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
      };
    }[];
  };
}

/** An agent notes what a buyer complains about; each complaint gets a case. */
export async function complain({ agent }: Workspace): Promise<void> {
  for (let n = 0; n < complaints; n += 1) {
    await insist(async () => {
      const { customers } = await agent.ask<Listed>(listed);
      const conversationId = customers.edges[0]?.node.conversations.edges[0]?.node.id;
      const input = { clientMutationId: `complaint ${n}`, kind: 'SERVICE_RATING', conversationId, score: 1 };
      type Made = { recordFeedback: { feedback: { id: string } | null } };
      const { recordFeedback } = await agent.ask<Made>(noted, { input });
      if (recordFeedback.feedback === null) throw new Error('nobody has written yet');
    });
  }
}
