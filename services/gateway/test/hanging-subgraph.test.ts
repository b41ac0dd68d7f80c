import { expect, test } from '@jest/globals';
import { defaultLimits } from '../src/limits.ts';
import { startGateway } from './gateway.ts';
import { localSubgraphs, serviceNames } from './services.ts';

test('a subgraph in the same process that never answers counts as absent, and the rest of the answer is complete', async () => {
  const own = localSubgraphs();
  const hanging = { ...own, crm: { ...own.crm, execute: () => new Promise<never>(() => undefined) } };
  const gateway = await startGateway({
    limits: { ...defaultLimits, subgraphTimeoutMs: 200 },
    subgraphs: Object.fromEntries(serviceNames.map((name) => [name, { kind: 'local', subgraph: hanging[name] }])),
  });
  try {
    const { body } = await gateway.ask('{ customer(id: "x") { displayName } me { role } }');
    expect(body.data).toEqual({ customer: null, me: { role: 'AGENT' } });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', missing: ['customer'] });
  } finally {
    await gateway.stop();
  }
});
