import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { startGateway, type TestGateway } from './gateway.ts';
import { connect } from './live-client.ts';
import { type Person, person } from './tokens.ts';

const conversationId = newId();
const query = `subscription ($id: ID!) { conversationPresence(id: $id) {
  conversation { id buyerName } people { state agent { id displayName } } } }`;

interface Shown {
  readonly conversation: { readonly id: string; readonly buyerName: string };
  readonly people: readonly { readonly state: string; readonly agent: { readonly id: string } }[];
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ apiTokens: {} });
});
afterAll(() => gateway.stop());

/** Follows the presence at the conversation; `seen` has what was shown, in order. */
async function follow(who: Person) {
  const client = await connect(gateway, who);
  const seen: Shown[] = [];
  const reading = (async () => {
    for await (const { data, errors } of client.iterate({ query, variables: { id: conversationId } })) {
      expect(errors).toBeUndefined();
      seen.push((data as { conversationPresence: Shown }).conversationPresence);
    }
  })();
  return {
    seen,
    stop: async () => {
      await client.dispose();
      await reading.catch(() => undefined);
    },
  };
}

async function set(who: Person, state: string): Promise<unknown> {
  const authorization = `Bearer ${await gateway.tokenFor(who)}`;
  const mutation = `mutation ($input: SetPresenceInput!) { setPresence(input: $input) {
    presence { people { state } } errors { code } } }`;
  const { body } = await gateway.send(
    { query: mutation, variables: { input: { conversationId, state } } },
    { authorization },
  );
  expect(body.errors).toBeUndefined();
  return body.data?.['setPresence'];
}

const stand = ({ people }: Shown, who: Person) => people.find(({ agent }) => agent.id === who.agentId)?.state ?? null;

test('S2-1.2: colleagues see who looks at a conversation, types or is about to reply, until they leave', async () => {
  const ana = person();
  const [bo, stranger] = [person(ana.tenantId), person()];
  const watching = await follow(ana);
  const apart = await follow(stranger);
  await eventually(async () => expect(watching.seen.at(-1)).toMatchObject({ conversation: { id: conversationId } }));
  expect(watching.seen.map((one) => stand(one, ana))).toEqual(['VIEWING']);
  const there = await follow(bo);
  await eventually(async () => expect(watching.seen.map((one) => stand(one, bo)).at(-1)).toBe('VIEWING'));
  expect(await set(bo, 'TYPING')).toEqual({
    presence: { people: [{ state: 'VIEWING' }, { state: 'TYPING' }] },
    errors: [],
  });
  await set(bo, 'REPLYING');
  await eventually(async () => expect(watching.seen.map((one) => stand(one, bo)).at(-1)).toBe('REPLYING'));
  expect(watching.seen.at(-1)?.people[1]?.agent).toMatchObject({ displayName: expect.stringMatching(/^Agent/) });
  await set(bo, 'VIEWING');
  await there.stop();
  await eventually(async () => expect(there.seen.length).toBeGreaterThan(0));
  // The same id in another workspace: nobody of the other one.
  expect(apart.seen.flatMap(({ people }) => people.map(({ agent }) => agent.id))).toEqual([stranger.agentId]);
  await watching.stop();
  await apart.stop();
});
