import { describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { buildSchema } from 'graphql';
import { defaultLimits } from '../limits.ts';
import { createAdmission } from './admission.ts';
import { createDocuments } from './documents.ts';
import { createEntry } from './entry.ts';

const schema = buildSchema('type Query { open: String, rows(first: Int!): [Row] } type Row { id: ID }');

function desk(limits = defaultLimits) {
  const documents = createDocuments(schema, limits, true);
  const entry = createEntry({ schema, documents, limits, admission: createAdmission(limits) });
  const agent: Caller = { kind: 'agent', tenantId: newId(), agentId: newId(), role: 'agent', authenticatedAtMs: 0 };
  const ask = (query: string, caller: Caller = agent) =>
    entry.enter({ caller, address: '203.0.113.7' }, { query, operationName: null, variables: {} }, () => null);
  return { documents, ask };
}

describe('a document is kept', () => {
  test.each([
    ['without a token', '{ open }', { kind: 'anonymous' }],
    ['beyond the cost', '{ rows(first: 100000) { id } }', undefined],
    ['by a caller who spent their units', '{ rows(first: 100) { id } }', undefined],
    ['that is not valid', '{ nothing }', undefined],
  ] as const)('not for a request %s', (_, query, caller) => {
    const { ask, documents } = desk({ ...defaultLimits, costPerMinuteMax: 50 });
    expect(ask(query, caller).ok).toBe(false);
    expect(documents.known(query)).toBeNull();
  });

  test('once its caller was admitted, without the locations of its tokens', () => {
    const { ask, documents } = desk();
    expect(ask('{ open }').ok).toBe(true);
    expect(documents.known('{ open }')?.ast).not.toHaveProperty('loc');
  });

  test('as long as all of them fit into the memory for documents', () => {
    const { ask, documents } = desk();
    const queries = Array.from({ length: 40 }, (_, n) => `{ open } # ${n} ${'x'.repeat(20_000)}`);
    for (const query of queries) expect(ask(query).ok).toBe(true);
    const kept = queries.filter((query) => documents.known(query) !== null);
    expect(kept.length).toBeGreaterThan(15);
    expect(kept.length * 20_000 * 35).toBeLessThan(16 * 1024 * 1024);
  });
});

test('a document that is nested too deeply for the parser is too large, not an error of ours', () => {
  const brackets = '['.repeat(100_000);
  const entered = desk({ ...defaultLimits, tokensMax: 1_000_000 }).ask(`{ rows(first: ${brackets}) { id } }`);
  expect(entered.ok ? [] : entered.errors.map(({ extensions }) => extensions['code'])).toEqual(['QUERY_TOO_LARGE']);
});

test('a document is not checked against the schema for a caller without a token', () => {
  const entered = desk().ask('{ nothing }', { kind: 'anonymous' });
  expect(entered.ok ? [] : entered.errors.map(({ extensions }) => extensions['code'])).toEqual(['UNAUTHENTICATED']);
});
