import { dirname } from 'node:path';
import { readStandIns } from './environment.ts';

interface Options {
  readonly basedir: string;
  readonly defaultResolver: (specifier: string, options: Options) => string;
}

const standIns = readStandIns();
const folders = new Set([...standIns.values()].map(dirname));

/** Does the same as preload.ts in Jest, which has its own module loader. Jest passes only the folder of the importing file. */
export function sync(specifier: string, options: Options): string {
  const found = options.defaultResolver(specifier, options);
  return folders.has(options.basedir) ? found : (standIns.get(found) ?? found);
}
