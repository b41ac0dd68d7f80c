import {
  checkAddresses,
  createHealth,
  healthAddress,
  listen,
  measureProcess,
  openBroker,
  openProcessLog,
  runProcess,
  startTracing,
  systemClock,
} from '@crossdesk/service-kit';
import { openIngest } from './app.ts';
import { readIngestConfig } from './config.ts';

await runProcess(async () => {
  const config = readIngestConfig();
  const { databaseUrl, kafka, keys, host, port, outboxKeptMonths } = config;
  const address = { host, port, variable: 'INGEST_PORT' };
  await checkAddresses([address, healthAddress(config)]);
  const log = openProcessLog('ingest', config);
  const traces = await startTracing('ingest', config.tracing, log);
  const broker = await openBroker({ kafka, databaseUrl, keys, log });
  const service = await openIngest(
    { databaseUrl, keys, broker, log, clock: systemClock, outboxKeptMonths },
    config.ingest,
  );
  const { metrics, problems } = service.runtime;
  measureProcess(metrics);
  const health = createHealth({ service: 'ingest', log, metrics: [metrics], problems });
  await service.start();
  await listen(service.http, address);
  await listen(health, healthAddress(config));
  return {
    log,
    stop: async (deadlineMs) => {
      await service.stop(deadlineMs);
      await broker.close();
      await health.close();
      await traces.stop();
    },
  };
});
