import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from '../checkers/checker.port.ts';
import { crashAt } from '../crash/crash-run.ts';
import { diskFullRun } from '../disk/disk-run.ts';
import { howToGetSmallDisk } from '../disk/small-disk.ts';
import { contendedLoad, loadRun, repliesLoad } from '../load/load-run.ts';
import { stormRun } from '../nemesis/storm-run.ts';
import type { KafkaServer } from '../system/kafka-server.ts';
import type { Server } from '../system/server.ts';
import { upgradeRun } from '../upgrade/upgrade-run.ts';
import { type Mutant, NotTried } from './mutant.port.ts';
import { applyEdits, copyTree, NoLongerApplies, removeTree } from './tree.ts';

export interface MutantResult {
  readonly mutant: string;
  readonly expected: string;
  readonly outcome: 'caught' | 'survived' | 'no longer applies' | 'not tried';
  /** What saw it, or why nothing did. */
  readonly evidence: string;
  readonly tookMs: number;
}

export interface MutantRunSpec {
  readonly server: Server;
  readonly seed: number;
  readonly directory: string;
  /** Or why there is none. */
  readonly kafka: KafkaServer | string;
}

const stormMs = 30_000;

/** Builds one fault into a copy of the product and runs the shortest run that must see it. */
export async function runMutant(mutant: Mutant, spec: MutantRunSpec): Promise<MutantResult> {
  const startedAt = performance.now();
  const tree = copyTree();
  const { caughtBy } = mutant;
  const expected = caughtBy.by === 'test' ? `test "${caughtBy.title}"` : caughtBy.check;
  const result = (outcome: MutantResult['outcome'], evidence: string): MutantResult => ({
    mutant: mutant.name,
    expected,
    outcome,
    evidence,
    tookMs: Math.round(performance.now() - startedAt),
  });
  try {
    applyEdits(tree, mutant.edits);
    const evidence = await evidenceOf(mutant, tree, spec);
    return evidence === null ? result('survived', `${expected} saw nothing`) : result('caught', evidence);
  } catch (error) {
    if (error instanceof NoLongerApplies) return result('no longer applies', error.message);
    if (error instanceof NotTried) return result('not tried', error.message);
    throw error;
  } finally {
    removeTree(tree);
  }
}

async function evidenceOf({ caughtBy }: Mutant, tree: string, spec: MutantRunSpec): Promise<string | null> {
  switch (caughtBy.by) {
    case 'test':
      return failedTest(tree, caughtBy.file, caughtBy.title);
    case 'simulation':
      return brokenSimulation(tree, caughtBy.model, caughtBy.check);
    case 'crash': {
      const { violations } = await crashAt({ ...spec, points: caughtBy.at, tree, log: { kind: 'embedded' } });
      return firstOf(violations, caughtBy.check);
    }
    case 'storm': {
      const { kinds, check } = caughtBy;
      return firstOf(
        (await stormRun({ ...spec, tree, log: { kind: 'embedded' }, members: 1, kinds, forMs: stormMs })).violations,
        check,
      );
    }
    case 'disk': {
      const report = await diskFullRun({ ...spec, tree, log: { kind: 'embedded' } });
      if (report === null) throw new NotTried(howToGetSmallDisk);
      return firstOf(report.violations, caughtBy.check);
    }
    case 'upgrade': {
      if (typeof spec.kafka === 'string') throw new NotTried(spec.kafka);
      return firstOf((await upgradeRun({ ...spec, tree, log: spec.kafka })).violations, caughtBy.check);
    }
    case 'load': {
      const load = caughtBy.load === 'replies' ? repliesLoad : contendedLoad;
      return firstOf((await loadRun({ ...spec, tree, log: { kind: 'embedded' }, load })).violations, caughtBy.check);
    }
  }
}

function firstOf(violations: readonly Violation[], check: string): string | null {
  const found = violations.filter((one) => one.check === check);
  return found[0] === undefined ? null : `${check}: ${found.length} times, first: ${found[0].what}`;
}

/** The test must run and fail: one that is not found proves nothing. */
async function failedTest(tree: string, file: string, title: string): Promise<string | null> {
  const report = join(tree, 'mutant-report.json');
  const pattern = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const { code, output } = await node(tree, [
    ...['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', file],
    ...['--testNamePattern', pattern, '--json', `--outputFile=${report}`, '--silent', '--maxWorkers=1'],
  ]);
  if (!existsSync(report)) throw new NotTried(`the test did not run: ${output.trim().slice(-300)}`);
  const { numFailedTests: failed, numPassedTests: passed } = JSON.parse(readFileSync(report, 'utf8')) as Record<
    'numFailedTests' | 'numPassedTests',
    number
  >;
  if (failed + passed === 0) throw new NoLongerApplies(`there is no test "${title}"`);
  return code === 0 ? null : `test "${title}" fails`;
}

async function brokenSimulation(tree: string, model: string, check: string): Promise<string | null> {
  const { output } = await node(tree, ['--no-warnings', 'reliability/src/simulation/main.ts', '--model', model]);
  const line = output.split('\n').find((text) => text.startsWith(`${check} `));
  return line ?? null;
}

function node(cwd: string, command: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
