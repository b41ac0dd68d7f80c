import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder in the user's cache that is filled once and then reused; its name identifies its content. Two processes may
 * fill it at the same time, each in its own folder; the first to finish renames its folder to the final name.
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const wanted = join(cache(), name);
  if (existsSync(wanted)) return wanted;
  await mkdir(cache(), { recursive: true });
  const filling = await mkdtemp(join(cache(), 'fetching-'));
  try {
    await fill(filling);
    await rename(filling, wanted);
  } catch (error) {
    if (!existsSync(wanted)) throw error;
  } finally {
    await rm(filling, { recursive: true, force: true });
  }
  return wanted;
}

/** The reason why the folder cannot be provided; null when it exists or can be filled. */
export function whyNoCachedFolder(name: string): string | null {
  if (existsSync(join(cache(), name))) return null;
  try {
    mkdirSync(cache(), { recursive: true });
    accessSync(cache(), constants.W_OK);
    return null;
  } catch {
    return `${cache()} cannot be written: set XDG_CACHE_HOME, and MAVEN_OPTS=-Dmaven.repo.local=FOLDER where the home is read-only`;
  }
}

function cache(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'crossdesk');
}
