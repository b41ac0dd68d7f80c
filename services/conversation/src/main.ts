import {
  createHttp,
  createLog,
  deriveKey,
  mountSubgraph,
  openBroker,
  type RunningProcess,
  runProcess,
  stopInOrder,
  systemClock,
} from '@crossdesk/service-kit';
import { hasWorkspaces } from './agent/workspace.commands.ts';
import { mountTokenRoutes } from './agent/token-routes.ts';
import { openConversation } from './app.ts';
import { readConfig } from './config.ts';

const bodyBytesMax = 1_000_000;

async function start(): Promise<RunningProcess> {
  const { databaseUrl, master, http: address, logLevel } = readConfig();
  const log = createLog('conversation', logLevel);
  const broker = await openBroker({ databaseUrl, master, log });
  // Follows from the master secret, so that every process of an installation takes the same code.
  const setupCode = deriveKey(master, 'conversation:setup-code').toString('hex').slice(0, 24);
  const service = await openConversation(
    { databaseUrl, master, broker, log, clock: systemClock },
    { issuer: 'crossdesk', audience: 'crossdesk-api', setupCode },
  );
  let isStopping = false;
  const problems = () => (isStopping ? ['stopping'] : service.runtime.problems());
  const http = createHttp({ log, metrics: service.runtime.metrics, bodyBytesMax, problems });
  const contextKey = deriveKey(master, 'request-context');
  mountSubgraph(http, service.subgraph, contextKey);
  mountTokenRoutes(http, service, contextKey);
  await service.start();
  await http.listen(address);
  if (!(await hasWorkspaces(service)))
    console.log(`There is no workspace yet. Create one with createWorkspace and the setup code ${setupCode}`);
  return {
    log,
    stop: async (deadlineMs) => {
      isStopping = true;
      const parts = [
        { name: 'conversation', stop: () => service.stop(deadlineMs / 2) },
        { name: 'http', stop: () => http.close() },
        { name: 'broker', stop: () => broker.close() },
      ];
      await stopInOrder(parts, deadlineMs, log);
    },
  };
}

await runProcess(start);
