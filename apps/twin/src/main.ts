import { createTwin } from './index.ts';

const port = Number(process.env['TWIN_PORT'] ?? '4600');
const seed = process.env['TWIN_SEED'] ?? 'crossdesk';
if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('TWIN_PORT must be a port from 0 to 65535');

const twin = createTwin({ seed });
const origin = await twin.listen(port);
console.log(`platform twin listens on ${origin}; control at ${origin}/_twin/shops`);

const stop = () => {
  twin.close().catch((error: unknown) => {
    console.error('the twin could not close', error);
    process.exitCode = 1;
  });
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
