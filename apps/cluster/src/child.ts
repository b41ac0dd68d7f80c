import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , main] = process.argv;
if (main === undefined) throw new Error('give the path of the main module to run');
// Several processes start at once on few processors: with the cache each file is compiled only once.
enableCompileCache();
await import(pathToFileURL(main).href);
