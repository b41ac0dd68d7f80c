import { readTwinConfig } from './config.ts';
import { createTwin } from './index.ts';

const { port, seed } = readTwinConfig();
const twin = createTwin({ seed });
const origin = await twin.listen(port);
console.log(`platform twin listens on ${origin}; control at ${origin}/_twin/shops`);

const stop = () => {
  twin.close().catch((error: unknown) => {
    console.error('the twin could not stop', error);
    process.exitCode = 1;
  });
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
