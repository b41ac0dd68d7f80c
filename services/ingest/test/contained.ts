import { expect } from '@jest/globals';
import { writeKeysOf } from '@crossdesk/service-kit';
import { eventually, type Figures, freePorts, scrape, testKeys } from '@crossdesk/testkit';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The memory of a container of docker-compose.yml, and the share of the heap in the Dockerfile. */
export const containerBytes = 384 * 1024 * 1024;
const heapMegabytes = Math.floor(0.6 * 384);

/** A service as a process with the memory that its container has. */
export interface Contained {
  readonly name: string;
  readonly child: ChildProcess;
  readonly healthUrl: string;
  figures(): Promise<Figures>;
  /** How long its event loop stood still since the last call; what it has used of the processor bounds it. */
  stalledSeconds(): Promise<number>;
  /** The most memory that a call saw. */
  bytesMax(): number;
  stop(): Promise<void>;
}

export async function startContained(
  name: 'ingest' | 'conversation' | 'crm' | 'automation' | 'analytics',
  databaseUrl: string,
  environment: Readonly<Record<string, string>>,
): Promise<Contained> {
  const [port, healthPort] = await freePorts(2);
  const main = join(import.meta.dirname, `../../${name}/src/main.ts`);
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMegabytes}`, '--max-semi-space-size=8', main], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      CROSSDESK_KEYS: writeKeysOf(name, testKeys, true),
      HTTP_PORT: String(port),
      HEALTH_PORT: String(healthPort),
      LOG_LEVEL: 'silent',
      ...environment,
    },
    stdio: 'inherit',
  });
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  const figures = () => scrape(`${healthUrl}/metrics`);
  await eventually(async () => expect((await fetch(`${healthUrl}/readyz`)).status).toBe(200));
  let bytesMax = 0;
  let cpuBefore = (await figures()).value('process_cpu_seconds_total') ?? 0;
  return {
    name,
    child,
    healthUrl,
    figures,
    async stalledSeconds() {
      const now = await figures();
      const cpu = now.value('process_cpu_seconds_total') ?? 0;
      const lag = now.value('nodejs_eventloop_lag_max_seconds') ?? 0;
      bytesMax = Math.max(bytesMax, now.value('process_resident_memory_bytes') ?? 0);
      // On a busy machine a process also waits for others: it has stalled itself no longer than it has worked.
      const stalled = Math.min(lag, cpu - cpuBefore);
      cpuBefore = cpu;
      return stalled;
    },
    bytesMax: () => bytesMax,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}
