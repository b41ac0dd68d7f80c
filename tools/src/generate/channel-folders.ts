import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface ChannelFolders {
  /** The channel words: the names of the folders, sorted. */
  readonly names: readonly string[];
  /** Problems with the folders, and what to do. */
  readonly refusals: readonly string[];
}

/**
 * The folders of `sources` that are a channel each: all except the shared ones. Each has these files, with `<name>`
 * filled in.
 */
export function channelFoldersOf(
  tree: string,
  sources: string,
  files: readonly string[],
  shared: readonly string[] = [],
): ChannelFolders {
  const names = readdirSync(join(tree, sources), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !shared.includes(entry.name))
    .map(({ name }) => name)
    .sort();
  return { names, refusals: names.flatMap((name) => problemsOf(tree, sources, name, files)) };
}

function problemsOf(tree: string, sources: string, name: string, files: readonly string[]): string[] {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return [
      `${sources}/${name}: name the folder as its channel: small letters, digits and single hyphens, a letter first`,
    ];
  return files
    .map((file) => `${sources}/${name}/${file.replace('<name>', name)}`)
    .filter((path) => !existsSync(join(tree, path)))
    .map((path) => `${path} is missing: every folder of ${sources} is a channel`);
}

/** The name of a variable for a channel: `tiktok-shop` becomes `tiktokShop`. */
export function variableOf(channel: string): string {
  return channel.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
