import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { execFile, execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { root } from './repository.ts';

/** The parts of a new channel: a folder of the adapter, a folder of the twin, and here the test that uses them. */
const toy = join(import.meta.dirname, '../fixtures/toy-channel');
const run = promisify(execFile);

let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'crossdesk-toy-'));
  copyTree(tree);
  cpSync(toy, tree, { recursive: true });
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** A copy of the sources; the installed packages are shared. */
function copyTree(copy: string): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  const files = listed.split('\n').filter((name) => name !== '' && existsSync(join(root, name)));
  for (const file of files) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  // What is checked already is not checked again.
  if (existsSync(join(root, '.tsbuild'))) cpSync(join(root, '.tsbuild'), join(copy, '.tsbuild'), { recursive: true });
  for (const member of files.filter((file) => file.endsWith('/package.json')).map(dirname)) {
    const installed = join(root, member, 'node_modules');
    // Links between workspace members are relative: in the copy they lead into the copy.
    if (existsSync(installed))
      cpSync(installed, join(copy, member, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  }
}

/** Runs a program of the copy; its output is shown when it fails. */
async function inTree(...command: string[]): Promise<string> {
  const told = { cwd: tree, maxBuffer: 16 * 1024 * 1024 };
  const { stdout, stderr } = await run(process.execPath, command, told).catch((failure: unknown) => {
    throw new Error(`${command.join(' ')}: ${inspect(failure)}`);
  });
  return stdout + stderr;
}

test('a channel is two folders: lists are generated, types checked, and messages go in both directions', async () => {
  const written = await inTree('tools/src/generate.ts', 'channels', 'twin', 'graphql');
  expect(written).toContain('wrote packages/channels/channels.generated.graphql');
  // All services, with their tests: a list of channels that somebody keeps by hand has no entry for this one.
  await inTree('node_modules/typescript/bin/tsc', '-b', 'apps/standalone');
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--silent'];
  const report = await inTree(...jest, 'toy.e2e', 'toy.conformance');
  expect(report).toMatch(/Test Suites: 2 passed, 2 total/);
}, 300_000);
