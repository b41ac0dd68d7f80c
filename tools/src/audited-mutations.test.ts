import { expect, test } from '@jest/globals';
import { Kind, parse } from 'graphql';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, subgraphs } from './repository.ts';

/** Changes nothing in the workspace (ADR 0026). */
const unaudited = ['signIn'];

function mutationsOf(sdl: string): string[] {
  return parse(sdl).definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value === 'Mutation'
      ? (definition.fields ?? []).map(({ name }) => name.value)
      : [],
  );
}

/** The mutations whose transaction puts an entry on the chain; the kit replays the dead letters of every service. */
function auditedIn(service: string): string[] {
  const files = globSync(join(root, 'services', service, 'src/**/*.ts'));
  const source = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const named = [
    ...source.matchAll(/audit\.mutation(?:<[^(]+>)?\(\s*[^,]+,\s*'(\w+)'/g),
    ...source.matchAll(/\{ name: '(\w+)', kind: '/g),
  ];
  return named.flatMap(([, name]) => name ?? []);
}

test.each(subgraphs)('every mutation of %s leaves an entry on the audit chain', (service) => {
  const mutations = mutationsOf(readFileSync(join(root, 'services', service, 'schema.graphql'), 'utf8'));
  expect(mutations.length).toBeGreaterThan(0);
  const own = mutations.filter((name) => !unaudited.includes(name) && !/^replay[A-Z][a-z]+DeadLetters$/.test(name));
  expect(auditedIn(service).toSorted()).toEqual(own.toSorted());
});
