import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , main] = process.argv;
if (main === undefined) throw new Error('a child is told which main to run');
// Six that start at once on two processors: what one compiled before is not compiled again.
enableCompileCache();
await import(pathToFileURL(main).href);
