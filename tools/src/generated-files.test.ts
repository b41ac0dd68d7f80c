import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedMark } from './generate/generated-file.ts';
import { root } from './repository.ts';

const generated = [
  'docs/asyncapi.json',
  'docs/events.md',
  'infra/observe/grafana/dashboards/crossdesk.json',
  'docs/channels.md',
  'packages/channels/*.generated.graphql',
  'packages/channels/src/*.generated.ts',
  'packages/contracts/schemas/*.json',
  'packages/types/*.generated.d.ts',
  'services/*/src/*.generated.ts',
  'apps/twin/src/*.generated.ts',
  'packages/service-kit/src/db/db.generated.ts',
  'services/gateway/supergraph.graphql',
].map((pattern) => ({ pattern, paths: globSync(pattern, { cwd: root }) }));

test.each(generated)('$pattern exists and says in its head that it is generated', ({ paths }) => {
  expect(paths).not.toEqual([]);
  const unmarked = paths.filter(
    (path) => !readFileSync(join(root, path), 'utf8').slice(0, 300).includes(generatedMark),
  );
  expect(unmarked).toEqual([]);
});

test('nobody else uses the name of generated files', () => {
  const isOurs = (path: string) => !/(^|\/)(node_modules|\.tsbuild)\//.test(path);
  const found = globSync('{packages,services,apps,bench,tools}/**/*.generated.*', {
    cwd: root,
    exclude: (name) => !isOurs(`${name}/`),
  }).filter(isOurs);
  const listed = new Set(generated.flatMap(({ paths }) => paths));
  expect(found.filter((path) => !listed.has(path))).toEqual([]);
});
