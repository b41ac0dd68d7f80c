import { lumina } from '@crossdesk/demo';
import { createLog, runProcess } from '@crossdesk/service-kit';
import { say, sayUnknown } from '@crossdesk/standalone';
import { join } from 'node:path';
import { type Cluster, startCluster } from './cluster.ts';
import { type ClusterConfig, readClusterConfig } from './config.ts';

function sayReady(config: ClusterConfig, cluster: Cluster, tookMs: number): void {
  say(`
Crossdesk is ready after ${(tookMs / 1_000).toFixed(1)} s: ${cluster.processes.size} processes on Kafka.

  GraphQL and explorer   ${cluster.graphqlUrl}
  Webhooks               ${cluster.webhookBaseUrl}/:channel/:accountToken
  Health                 ${cluster.readyUrl}
  Kafka                  ${cluster.kafka.brokers.join(', ')}
  For integrators        ${cluster.outsideBrokers ?? 'the address of your own cluster'}; docs/integrate.md says how to get a user
  Logs and data          ${[...new Set([join(config.dataDirectory, 'logs'), config.dataDirectory, ...cluster.dataDirectories])].join(', ')}
  Stop                   Ctrl-C; the next start continues with the same data
`);
  if (config.isDemo)
    for (const { role, email, password } of lumina.people)
      say(`  ${role.padEnd(11)} ${lumina.slug}  ${email.padEnd(30)} ${password}`);
  else say(`  Create the first workspace with createWorkspace and the setup code ${cluster.setupCode}`);
}

await runProcess(async () => {
  const startedAt = performance.now();
  const config = readClusterConfig();
  sayUnknown(config.unknownVariables);
  const cluster = await startCluster(config, say);
  const tookMs = performance.now() - startedAt;
  return {
    log: createLog('cluster', config.logLevel),
    announce: async () => sayReady(config, cluster, tookMs),
    stop: async (deadlineMs) => {
      say('stopping: finishing work in progress');
      await cluster.stop(deadlineMs);
      say('stopped');
    },
  };
});
