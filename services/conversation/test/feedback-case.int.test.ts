import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type EventData, type FeedbackId, newId } from '@crossdesk/contracts';
import { anEvent, ask, eventually } from '@crossdesk/testkit';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, type Workspace } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type Received = EventData<'crm.feedback-received'>;

const fields = `id type title state priority owner { id } openedBy { id } feedback { id } version conversations { id }
  timeline { edges { node { kind actor { kind } changes { field after } } } }`;

async function casesOf({ admin }: Workspace, conversationId: string) {
  const query = `query ($filter: CaseFilter) { cases(filter: $filter) { edges { node { ${fields} } } } }`;
  const { cases } = dataOf(await ask(bench.service.subgraph, admin, query, { filter: { conversationId } }));
  return cases.edges.map(({ node }) => node);
}

async function act({ admin }: Workspace, name: string, type: string, input: Record<string, unknown>) {
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { errors { code message } } }`;
  const { data, errors } = await ask(bench.service.subgraph, admin, query, { input });
  expect({ data, errors }).toEqual({ data: { [name]: { errors: [] } }, errors: [] });
}

/** A workspace with a conversation that the agent has. */
async function givenConversation() {
  const workspace = await givenWorkspace(bench);
  const { tenantId, agentId } = workspace;
  const accountId = newId<ChannelAccountId>();
  const { conversationId } = await givenInbound(bench, { tenantId, accountId });
  const assign = { conversationId, agentId, expectedVersion: 1 };
  await act(workspace, 'assignConversation', 'AssignConversationInput', assign);
  const feedbackId = newId<FeedbackId>();
  const data: Received = {
    ...{
      feedbackId,
      source: 'platform',
      kind: 'product-review',
      type: 'product',
      urgency: 'high',
      handling: 'special',
    },
    ...{ score: 1, accountId, profileId: null, conversationId, orderId: null, skus: ['BAG-1'] },
  };
  return { workspace, conversationId, data };
}

const received = ({ tenantId }: Workspace, data: Received) =>
  anEvent('crm.feedback-received', data, { tenantId, aggregateId: data.feedbackId });
const escalated = ({ tenantId }: Workspace, data: Received, aggregateVersion: number) =>
  anEvent(
    'crm.feedback-escalated',
    { ...data, urgency: 'urgent', handling: 'escalation', reason: 'not-satisfied' },
    { tenantId, aggregateId: data.feedbackId, aggregateVersion },
  );

test('S3-6.3: bad feedback gets one case with an owner; escalated, it is reopened, urgent, and a lead answers for it', async () => {
  const { workspace, conversationId, data } = await givenConversation();
  const { agentId, adminId } = workspace;
  const event = received(workspace, data);
  const again = { ...received(workspace, data), aggregateVersion: 2 };
  // What nobody has to act on gets none, and neither does what has no conversation.
  const good = received(workspace, { ...data, feedbackId: newId(), handling: 'standard', urgency: 'low', score: 5 });
  const unknown = received(workspace, { ...data, feedbackId: newId(), conversationId: null });
  await bench.harness.publish(good, unknown, event, again);
  const opened = await bench.harness.events.next(
    'conversation.case-opened',
    (one) => one.data.feedbackId === data.feedbackId,
  );
  expect(opened.actor).toEqual({ kind: 'system', id: null });
  const [one] = await casesOf(workspace, conversationId);
  expect(one).toMatchObject({
    ...{ type: 'QUALITY', title: 'Feedback 反馈 · product · 1/5', state: 'OPEN', priority: 'HIGH' },
    ...{
      owner: { id: agentId },
      openedBy: null,
      feedback: { id: data.feedbackId },
      conversations: [{ id: conversationId }],
    },
  });
  const caseId = one?.id;
  await act(workspace, 'setCaseState', 'SetCaseStateInput', {
    caseId,
    state: 'RESOLVED',
    expectedVersion: one?.version,
  });

  await bench.harness.publish(escalated(workspace, data, 3));
  const now = await eventually(async () => {
    const cases = await casesOf(workspace, conversationId);
    expect(cases).toMatchObject([{ id: caseId, state: 'OPEN', priority: 'URGENT', owner: { id: adminId } }]);
    return cases[0];
  });
  const changes = now?.timeline.edges.flatMap(({ node }) =>
    node.changes.map(({ field, after }) => `${field} ${after}`),
  );
  expect(changes).toEqual(expect.arrayContaining(['REASON ESCALATED', 'STATE OPEN', 'PRIORITY URGENT']));
  // Told again, nothing is left to do.
  await bench.harness.publish(escalated(workspace, data, 4), received(workspace, { ...data, feedbackId: newId() }));
  await eventually(async () => expect(await casesOf(workspace, conversationId)).toHaveLength(2));
  expect((await casesOf(workspace, conversationId)).find(({ id }) => id === caseId)?.version).toBe(now?.version);
});

test('S3-6.3: urgent feedback goes to a lead at once, whoever has the conversation', async () => {
  const { workspace, conversationId, data } = await givenConversation();
  await bench.harness.publish(
    received(workspace, { ...data, urgency: 'urgent', handling: 'escalation', type: 'other' }),
  );
  await eventually(async () =>
    expect(await casesOf(workspace, conversationId)).toMatchObject([
      { type: 'OTHER', priority: 'URGENT', owner: { id: workspace.adminId } },
    ]),
  );
});
