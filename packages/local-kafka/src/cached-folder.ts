import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder in the user's cache that is filled once and then taken as it is; its name stands for what is in it. Two
 * processes may fill it at once, each one of its own; the first to finish gives it its name.
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'crossdesk');
  const wanted = join(cache, name);
  if (existsSync(wanted)) return wanted;
  await mkdir(cache, { recursive: true });
  const filling = await mkdtemp(join(cache, 'fetching-'));
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
