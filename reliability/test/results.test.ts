import { describe, expect, test } from '@jest/globals';
import { wrongRefusals } from '../src/disk/disk-run.ts';
import { unacknowledged } from '../src/flood/flood-run.ts';
import type { Operation } from '../src/history.ts';
import { gapsOf } from '../src/report/gaps.ts';
import { recoveryTimes } from '../src/report/results.ts';
import type { Recovery, RunReport } from '../src/run.ts';

function report(told: Partial<RunReport>): RunReport {
  return {
    name: 'load',
    seed: 1,
    log: 'embedded',
    violations: [],
    faults: {},
    acknowledged: 0,
    replies: 0,
    executed: 0,
    restarts: 0,
    recoveryMs: null,
    recoveries: [],
    paces: [],
    herds: [],
    tookMs: 0,
    repeat: '',
    ...told,
  };
}

describe('what was not tested', () => {
  test('includes clocks and disks while no run has struck them', () => {
    const gaps = gapsOf({ runs: [report({ faults: { 'kill -9': 3 } })] }).join('\n');
    expect(gaps).toMatch('apt-get install faketime');
    expect(gaps).toMatch('Full disks');
  });

  test('leaves out what a run has struck', () => {
    const gaps = gapsOf({ runs: [report({ faults: { 'clock set': 3 } }), report({ faults: { 'disk full': 1 } })] });
    expect(gaps.join('\n')).not.toMatch(/faketime|Full disks/);
  });
});

test('recovery times of all runs are grouped by kind and log, with median and worst', () => {
  const took = (kind: string, tookMs: number): Recovery => ({ kind, targetMs: 3_000, tookMs });
  const runs = [
    report({ recoveries: [took('killed', 900), took('killed', 2_500), took('restart', 700)] }),
    report({ recoveries: [took('killed', 1_000)] }),
    report({ log: 'kafka', recoveries: [took('killed', 7_000)] }),
  ];
  expect(recoveryTimes({ runs })).toEqual([
    { kind: 'killed, embedded', times: 3, medianMs: 1_000, worstMs: 2_500, targetMs: 3_000 },
    { kind: 'restart, embedded', times: 1, medianMs: 700, worstMs: 700, targetMs: 3_000 },
    { kind: 'killed, kafka', times: 1, medianMs: 7_000, worstMs: 7_000, targetMs: 3_000 },
  ]);
});

test('while the disk is full, only 503 and no answer are right', () => {
  expect(wrongRefusals(new Set(['generic: status 503', 'shopee: no answer']))).toEqual([]);
  expect(wrongRefusals(new Set(['generic: status 503', 'generic: status 500', 'shopee: status 401']))).toHaveLength(2);
});

test('a message that was refused and not acknowledged afterwards is lost; one without an answer is not', () => {
  const webhook = (phase: 'invoke' | 'ok' | 'info', id: string): Operation => ({
    ...{ op: 'webhook', phase, shop: 'generic/web', thread: 't' },
    id,
  });
  const history = [
    ...[webhook('invoke', 'a'), webhook('info', 'a'), webhook('invoke', 'a'), webhook('ok', 'a')],
    ...[webhook('invoke', 'b'), webhook('info', 'b'), webhook('invoke', 'c')],
  ];
  const found = unacknowledged(history.map((operation) => ({ ...operation, atMs: 0 })));
  expect(found.map(({ what }) => what)).toEqual(['generic/web b was never acknowledged']);
});
