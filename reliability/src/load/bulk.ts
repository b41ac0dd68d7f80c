import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import type { History } from '../history.ts';
import { insist } from '../system/insist.ts';

/** Each reply of a job begins with this, and has the number of its conversation: no two are the same. */
export const bulkWords = 'To all of you';

const targetsMax = 12;
const listed = `{ conversations(first: ${targetsMax}) { edges { node { id } } } }`;
const createBulkJob = `mutation($input: CreateBulkJobInput!) { createBulkJob(input: $input) { job { id } errors { code } } }`;
const controlBulkJob = `mutation($input: ControlBulkJobInput!) { controlBulkJob(input: $input) { job { state } errors { code } } }`;

/** A supervisor answers some conversations at once. Resolves when the job has been started. */
export async function replyToMany({ slug, supervisor }: Workspace, history: History, seed: number): Promise<void> {
  const conversationIds = await insist(async () => {
    type Listed = { conversations: { edges: { node: { id: string } }[] } };
    const { edges } = (await supervisor.ask<Listed>(listed)).conversations;
    if (edges.length === 0) throw new Error('nobody has written yet');
    return edges.map(({ node }) => node.id);
  });
  const action = { reply: `${bulkWords}, ${slug} ${seed}, number {conversationNumber}` };
  const input = { clientMutationId: `bulk ${seed}`, conversationIds, action };
  const jobId = await insist(async () => {
    type Created = { createBulkJob: { job: { id: string } | null } };
    const { job } = (await supervisor.ask<Created>(createBulkJob, { input })).createBulkJob;
    if (job === null) throw new Error('the job was refused');
    return job.id;
  });
  history.add({ op: 'bulk', jobId, conversationIds });
  await insist(() => supervisor.ask(controlBulkJob, { input: { jobId, action: 'START' } }));
}
