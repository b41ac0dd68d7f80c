import {
  checkAddresses,
  contextKeyOf,
  createLog,
  listen,
  measureProcess,
  openBroker,
  runProcess,
  startTracing,
  systemClock,
} from '@crossdesk/service-kit';
import { openIngest } from './app.ts';
import { readIngestConfig } from './config.ts';

await runProcess(async () => {
  const config = readIngestConfig();
  const { databaseUrl, kafka, master, host, port } = config;
  const address = { host, port, variable: 'INGEST_PORT' };
  await checkAddresses([address]);
  const log = createLog('ingest', config.logLevel);
  const traces = await startTracing('ingest', config.tracing, log);
  const broker = await openBroker({ kafka, databaseUrl, master, log });
  const service = await openIngest(
    { databaseUrl, master, broker, log, clock: systemClock, outboxKeptMonths: config.outboxKeptMonths },
    {
      publicWebhookUrl: config.publicWebhookUrl,
      allowPrivateAddresses: config.allowPrivateAddresses,
      syncEveryMs: config.syncEveryMs,
      platformTimeoutMs: config.platformTimeoutMs,
      readBackSettleMs: config.readBackSettleMs,
      contextKey: contextKeyOf(master),
    },
  );
  measureProcess(service.runtime.metrics);
  await service.start();
  await listen(service.http, address);
  return {
    log,
    stop: async (deadlineMs) => {
      await service.stop(deadlineMs);
      await broker.close();
      await traces.stop();
    },
  };
});
