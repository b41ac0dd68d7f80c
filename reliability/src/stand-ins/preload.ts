import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readStandIns } from './environment.ts';

const standIns = readStandIns();

/** Resolves a replaced module to its stand-in, and to the original when the stand-in imports it. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = nextResolve(specifier, context);
    if (!found.url.startsWith('file:')) return found;
    const standIn = standIns.get(fileURLToPath(found.url));
    const url = standIn === undefined ? found.url : pathToFileURL(standIn).href;
    return url === context.parentURL ? found : { ...found, url };
  },
});
