import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashAt } from '../src/crash/crash-run.ts';
import { startServer } from '../src/system/server.ts';

/** Before the commit of webhooks that wait for their answer, and between the effects of a consumer and their commit. */
const points = ['webhook-stored@ingest:10', 'batch-applied@conversation.inbox:3'];

test('the system recovers from two crash points under load, and every invariant holds', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-crash-'));
  const server = await startServer();
  try {
    const report = await crashAt({ points, seed: 1, server, log: { kind: 'embedded' }, directory });
    expect(report.violations).toEqual([]);
    expect(report.faults).toMatchObject({ 'crash webhook-stored': 1, 'crash batch-applied': 1 });
    expect(report.acknowledged).toBeGreaterThan(200);
    expect(report.replies).toBeGreaterThan(10);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 240_000);
