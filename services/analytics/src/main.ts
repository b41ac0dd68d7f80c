import {
  createHttp,
  createLog,
  deriveKey,
  embeddedLogSchema,
  migrate,
  mountSubgraph,
  openEmbeddedBroker,
  serviceUrl,
  stopInOrder,
  systemClock,
} from '@crossdesk/service-kit';
import { openAnalytics } from './app.ts';
import { readConfig } from './config.ts';

const bodyBytesMax = 1_000_000;
const stopWithinMs = 20_000;

const { databaseUrl, master, http: address, logLevel } = readConfig();
const log = createLog('analytics', logLevel);
await migrate(databaseUrl, master, embeddedLogSchema);
const broker = openEmbeddedBroker({ databaseUrl: serviceUrl(databaseUrl, master, 'broker', 'worker'), log });
const service = await openAnalytics({ databaseUrl, master, broker, log, clock: systemClock });

let isStopping = false;
const http = createHttp({
  log,
  metrics: service.runtime.metrics,
  bodyBytesMax,
  problems: () => (isStopping ? ['stopping'] : service.runtime.problems()),
});
mountSubgraph(http, service.subgraph, deriveKey(master, 'request-context'));
await service.start();
await http.listen(address);

function stop(signal: NodeJS.Signals): void {
  if (isStopping) return;
  isStopping = true;
  log.info({ signal }, 'stopping');
  const parts = [
    { name: 'analytics', stop: () => service.stop(stopWithinMs / 2) },
    { name: 'http', stop: () => http.close() },
    { name: 'broker', stop: () => broker.close() },
  ];
  void stopInOrder(parts, stopWithinMs, log);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
