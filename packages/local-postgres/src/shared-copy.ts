import { createHash } from 'node:crypto';
import { chmodSync, cpSync, lstatSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diskFull, freeBytes, LocalPostgresError } from './errors.ts';
import { makeAside } from './shared-folder.ts';

export interface CopyRequest {
  readonly source: string;
  /** Folder of the copies; another user may enter it. */
  readonly parent: string;
  readonly name: string;
  /** The reason why a copy cannot be used; null if it can. */
  whyUnusable(copy: string): string | null;
}

/**
 * A copy that depends only on itself. Its name contains version and content, and the content is compared each time; a
 * broken copy is replaced. It gets its final name when it is complete and was tried. Each process makes its own copy,
 * and no copy is changed in place, so a copy in use never disappears.
 * @throws LocalPostgresError when the disk is full or the copy cannot be used either
 */
export function sharedCopy(request: CopyRequest): string {
  const { parent, name, source } = request;
  const digest = digestOf(source);
  const prefix = `${name}-${digest.slice(0, 12)}-`;
  const copies = readdirSync(parent)
    .filter((entry) => entry.startsWith(prefix))
    .toSorted()
    .map((entry) => ({ folder: join(parent, entry), isIntact: isIntact(join(parent, entry), digest) }));
  const good = copies.find((copy) => copy.isIntact === true && request.whyUnusable(copy.folder) === null);
  const folder = good?.folder ?? makeCopy(request, digest, prefix);
  for (const copy of copies) if (copy.isIntact === false) rmSync(copy.folder, { recursive: true, force: true });
  return folder;
}

function makeCopy({ source, parent, whyUnusable }: CopyRequest, digest: string, prefix: string): string {
  return makeAside(parent, (making) => {
    copyTree(source, making);
    const reason = digestOf(making) === digest ? whyUnusable(making) : 'it differs from what was copied';
    if (reason !== null) throw new LocalPostgresError(`the copy of Postgres in ${parent} cannot be used: ${reason}`);
    const copy = join(parent, `${prefix}${making.slice(-6)}`);
    renameSync(making, copy);
    return copy;
  });
}

/** Null when it cannot be computed: another process may be removing the copy. */
function isIntact(copy: string, digest: string): boolean | null {
  try {
    return digestOf(copy) === digest;
  } catch {
    return null;
  }
}

/** Links stay as they are, relative to each other; the modes let everyone read and run. */
function copyTree(source: string, target: string): void {
  try {
    cpSync(source, target, { recursive: true, verbatimSymlinks: true });
  } catch (error) {
    // Node reports a full disk as an input/output error. The partial copy is removed first, so that the free space is
    // right.
    for (const entry of readdirSync(target)) rmSync(join(target, entry), { recursive: true, force: true });
    const needed = sizeOf(source);
    if (freeBytes(target) > needed) throw error;
    throw diskFull(
      dirname(target),
      'a copy of Postgres',
      needed,
      'keep the checkout where everyone may enter, as in /opt',
    );
  }
  chmodSync(target, 0o755);
  for (const path of pathsIn(target)) {
    const stat = lstatSync(path);
    const mayRun = stat.isDirectory() || (stat.mode & 0o100) !== 0;
    if (!stat.isSymbolicLink()) chmodSync(path, mayRun ? 0o755 : 0o644);
  }
}

function sizeOf(folder: string): number {
  return pathsIn(folder).reduce((sum, path) => sum + lstatSync(path).size, 0);
}

/** A hash of all files, links and their names. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const path of pathsIn(folder)) {
    const stat = lstatSync(path);
    const content = stat.isFile() ? readFileSync(path) : stat.isSymbolicLink() ? readlinkSync(path) : '';
    hash.update(`${path.slice(folder.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function pathsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((path) => join(folder, path));
}
