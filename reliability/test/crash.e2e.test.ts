import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashAt } from '../src/crash/crash-run.ts';
import { startServer } from '../src/system/server.ts';

/** Between the effects of a consumer and their commit. `pnpm reliability crash` tries every point. */
const points = ['batch-applied@conversation.inbox:3'];
const load = { messagesPerShop: 25, threadsPerShop: 8, replies: 6, poisons: 1, erasures: 1, unheardPercent: 10 };

test('the system recovers from a crash point under load, and every invariant holds', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-crash-'));
  const server = await startServer();
  try {
    const report = await crashAt({ points, seed: 1, load, server, log: { kind: 'embedded' }, directory });
    expect(report.violations).toEqual([]);
    expect(report.faults).toMatchObject({ 'crash batch-applied': 1 });
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(report.replies).toBeGreaterThan(3);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 240_000);
