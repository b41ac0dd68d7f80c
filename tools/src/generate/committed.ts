import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';

function git(...command: string[]): string | null {
  try {
    return execFileSync('git', command, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}

/** The file in the last commit, or in the folder if there is no git history. Null for a new file. */
export function readCommitted(path: string): string | null {
  if (git('rev-parse', '--verify', 'HEAD') !== null) return git('show', `HEAD:${path}`);
  const onDisk = join(root, path);
  return existsSync(onDisk) ? readFileSync(onDisk, 'utf8') : null;
}

/** The paths of a folder in the last commit, or the files in the folder if there is no git history. */
export function listCommitted(folder: string): string[] {
  const listed = git('ls-tree', '--name-only', 'HEAD', `${folder}/`);
  return listed === null ? [] : listed.split('\n').filter((path) => path !== '');
}
