import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Edit } from './mutant.port.ts';

/** Thrown when a passage to change is not there exactly once: the product moved on, who changes it has to follow. */
export class NoLongerApplies extends Error {
  override name = 'NoLongerApplies';
}

const repository = join(import.meta.dirname, '../../..');

/** Copies the sources of the repository; what is installed is shared. Returns the root of the copy. */
export function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'crossdesk-tree-'));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
  });
  for (const file of listed.split('\n').filter((name) => name !== '' && existsSync(join(repository, name)))) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    cpSync(join(repository, file), join(copy, file));
  }
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  for (const member of membersOf(repository)) {
    const installed = join(repository, member, 'node_modules');
    if (!existsSync(installed)) continue;
    // Links between members are relative: within the copy they lead to the copy.
    cpSync(installed, join(copy, member, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  }
  return copy;
}

function membersOf(root: string): string[] {
  const nested = ['packages', 'services', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  return [...nested, 'bench', 'reliability', 'tools'];
}

/** Changes a copy. @throws NoLongerApplies */
export function applyEdits(tree: string, edits: readonly Edit[]): void {
  for (const { file, find, replace } of edits) {
    const path = join(tree, file);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const parts = text.split(find);
    if (parts.length !== 2)
      throw new NoLongerApplies(`${file} has the passage ${parts.length - 1} times: ${find.trim().slice(0, 80)}`);
    writeFileSync(path, parts.join(replace));
  }
}

export function removeTree(tree: string): void {
  rmSync(tree, { recursive: true, force: true });
}
