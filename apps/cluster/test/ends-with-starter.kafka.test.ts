import { afterEach, expect, test } from '@jest/globals';
import { newDataDirectory } from '@crossdesk/standalone/support/child.ts';
import { eventually, freePorts, waitFor, whyNoOwnKafka } from '@crossdesk/testkit';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const clusterMain = join(import.meta.dirname, '../src/main.ts');
const starterMain = join(import.meta.dirname, 'support/starter.ts');
const services = ['analytics', 'automation', 'conversation', 'crm', 'gateway', 'ingest'];

const directories: string[] = [];
const starters: ChildProcess[] = [];
afterEach(() => {
  for (const starter of starters.splice(0)) starter.kill('SIGKILL');
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** The command lines of all processes with the mark of a test, including those that left their parent. */
function processesOf(directory: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      return environment.includes(`STARTED_BY_TEST=${directory}\0`)
        ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
        : [];
    } catch {
      // The process has ended in the meantime.
      return [];
    }
  });
}

/** A whole cluster with its own Postgres and Kafka, started by another process. */
async function startCluster() {
  const directory = newDataDirectory();
  directories.push(directory);
  const [gatewayPort, ingestPort] = await freePorts(2);
  const starter = spawn(process.execPath, ['--no-warnings', starterMain, clusterMain], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      DATA_DIRECTORY: directory,
      STARTED_BY_TEST: directory,
      GATEWAY_PORT: String(gatewayPort),
      INGEST_PORT: String(ingestPort),
      HEALTH_PORT: '0',
    },
  });
  starters.push(starter);
  let said = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [starter.stdout, starter.stderr])
    stream?.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('Crossdesk is ready')) ready.resolve();
    });
  starter.once('exit', () => ready.reject(new Error(`it ended: ${said}`)));
  await waitFor('the cluster', ready.promise, { withinMs: 120_000, progress: () => said });
  return { directory, starter, pid: Number.parseInt(said, 10) };
}

const why = process.platform === 'linux' ? whyNoOwnKafka() : 'the test reads /proc';
const skipped = why === null ? '' : ` (skipped: ${why})`;

(why === null ? test : test.skip).each(['its starter', 'its own first process'])(
  `no process of a cluster is left after %s is killed${skipped}`,
  async (victim) => {
    const { directory, starter, pid } = await startCluster();
    const running = processesOf(directory).join('\n');
    for (const name of services) expect(running).toContain(`services/${name}/src/main.ts`);
    expect(running).toMatch(/bin\/postgres -D/);
    expect(running).toContain('kafka.Kafka');
    process.kill(victim === 'its starter' ? (starter.pid ?? 0) : pid, 'SIGKILL');
    await eventually(async () => expect(processesOf(directory)).toEqual([]), 60_000);
  },
  240_000,
);
