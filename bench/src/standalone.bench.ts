import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Figure } from './figures.ts';
import { freePorts } from '@crossdesk/local-machine';

const idleMs = 20_000;

/** The cost of an idle `start`: time until ready on an existing data folder, and memory after a while without work. */
export async function benchStandalone(): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-bench-'));
  chmodSync(directory, 0o755);
  const [gatewayPort, ingestPort] = await freePorts(2);
  const env = {
    ...process.env,
    DATA_DIRECTORY: directory,
    GATEWAY_PORT: String(gatewayPort),
    INGEST_PORT: String(ingestPort),
    HEALTH_PORT: '0',
  };
  try {
    const first = await startUntilReady(env);
    await stop(first.child);
    const second = await startUntilReady(env);
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const megabytes = residentMegabytes(second.child);
    await stop(second.child);
    return [
      {
        name: 'time from start to ready when installed',
        value: second.tookMs / 1_000,
        unit: 's',
        target: '< 10',
        isReached: second.tookMs < 10_000,
        detail: `the first start, with initdb, ${(first.tookMs / 1_000).toFixed(1)} s`,
      },
      {
        name: 'idle memory of the standalone, without Postgres',
        value: megabytes,
        unit: 'MB',
        target: '< 350',
        isReached: megabytes < 350,
      },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function startUntilReady(env: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; tookMs: number }> {
  const startedAt = performance.now();
  const standalone = dirname(createRequire(import.meta.url).resolve('@crossdesk/standalone'));
  const child = spawn(process.execPath, ['--max-semi-space-size=8', join(standalone, 'main.ts'), '--empty'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`start ended with code ${code}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Crossdesk is ready')) resolve({ child, tookMs: performance.now() - startedAt });
    });
  });
}

function residentMegabytes({ pid }: ChildProcess): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (Number(kilobytes) * 1_024) / 1_000_000;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
