import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from '../checkers/checker.port.ts';
import { crashAt } from '../crash/crash-run.ts';
import { diskFullRun } from '../disk/disk-run.ts';
import { howToGetSmallDisk } from '../disk/small-disk.ts';
import { contendedLoad, loadRun, repliesLoad } from '../load/load-run.ts';
import { stormRun } from '../nemesis/storm-run.ts';
import { environmentOf, nodeArgumentsOf, replacedExports, SeamIsGone, type Variant } from '../stand-ins/stand-in.ts';
import type { KafkaServer } from '../system/kafka-server.ts';
import { repository } from '../system/place.ts';
import type { Server } from '../system/server.ts';
import { upgradeRun } from '../upgrade/upgrade-run.ts';
import type { Mutant } from './mutant.port.ts';

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

export function variantOf({ standIns }: Pick<Mutant, 'standIns'>): Variant {
  return standIns.map((path) => join(import.meta.dirname, path));
}

/** Runs the product with one fault, in the shortest run that must see it. */
export async function runMutant(mutant: Mutant, spec: MutantRunSpec): Promise<MutantResult> {
  const startedAt = performance.now();
  const { caughtBy } = mutant;
  const variant = variantOf(mutant);
  const expected = caughtBy.by === 'test' ? `test "${caughtBy.title}"` : caughtBy.check;
  const result = (outcome: MutantResult['outcome'], evidence: string): MutantResult => ({
    mutant: mutant.name,
    expected,
    outcome,
    evidence,
    tookMs: Math.round(performance.now() - startedAt),
  });
  try {
    for (const standIn of variant) await replacedExports(standIn);
    const evidence = await evidenceOf(mutant, variant, spec);
    return evidence === null ? result('survived', `${expected} saw nothing`) : result('caught', evidence);
  } catch (error) {
    if (error instanceof SeamIsGone) return result('no longer applies', error.message);
    // A run that could not be made proves nothing, and the other mutants are still tried.
    return result('not tried', error instanceof Error ? error.message : String(error));
  }
}

async function evidenceOf({ caughtBy }: Mutant, variant: Variant, spec: MutantRunSpec): Promise<string | null> {
  const embedded = { ...spec, variant, log: { kind: 'embedded' } } as const;
  switch (caughtBy.by) {
    case 'test':
      return failedTest(variant, caughtBy, spec.directory);
    case 'simulation':
      return brokenSimulation(variant, caughtBy.model, caughtBy.check);
    case 'crash':
      return firstOf((await crashAt({ ...embedded, points: caughtBy.at })).violations, caughtBy.check);
    case 'storm': {
      const { violations } = await stormRun({ ...embedded, members: 1, kinds: caughtBy.kinds, forMs: stormMs });
      return firstOf(violations, caughtBy.check);
    }
    case 'disk': {
      const report = await diskFullRun(embedded);
      if (report === null) throw new Error(howToGetSmallDisk);
      return firstOf(report.violations, caughtBy.check);
    }
    case 'upgrade': {
      if (typeof spec.kafka === 'string') throw new Error(spec.kafka);
      return firstOf((await upgradeRun({ ...embedded, log: spec.kafka })).violations, caughtBy.check);
    }
    case 'load': {
      const load = caughtBy.load === 'replies' ? repliesLoad : contendedLoad;
      return firstOf((await loadRun({ ...embedded, load })).violations, caughtBy.check);
    }
  }
}

function firstOf(violations: readonly Violation[], check: string): string | null {
  const found = violations.filter((one) => one.check === check);
  return found[0] === undefined ? null : `${check}: ${found.length} times, first: ${found[0].what}`;
}

/** The test must run and fail: one that is not found proves nothing. */
async function failedTest(
  variant: Variant,
  { file, title }: { readonly file: string; readonly title: string },
  directory: string,
): Promise<string | null> {
  mkdirSync(directory, { recursive: true });
  const report = join(directory, `${crypto.randomUUID()}.json`);
  const pattern = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const resolver = join(import.meta.dirname, '../stand-ins/jest-resolver.ts');
  const { output } = await node(
    [
      ...['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', file, '--resolver', resolver],
      ...['--testNamePattern', pattern, '--json', `--outputFile=${report}`, '--silent', '--maxWorkers=1'],
    ],
    variant,
  );
  if (!existsSync(report)) throw new Error(`the test did not run: ${output.trim().slice(-300)}`);
  const { numFailedTests: failed, numPassedTests: passed } = JSON.parse(readFileSync(report, 'utf8')) as Record<
    'numFailedTests' | 'numPassedTests',
    number
  >;
  if (failed + passed === 0) throw new SeamIsGone(`${file} has no test "${title}", or it did not run`);
  return failed === 0 ? null : `test "${title}" fails`;
}

async function brokenSimulation(variant: Variant, model: string, check: string): Promise<string | null> {
  const main = 'reliability/src/simulation/main.ts';
  const { output } = await node(['--no-warnings', ...nodeArgumentsOf(variant), main, '--model', model], variant);
  const line = output.split('\n').find((text) => text.startsWith(`${check} `));
  return line ?? null;
}

function node(command: readonly string[], variant: Variant): Promise<{ readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      cwd: repository,
      env: { ...process.env, ...environmentOf(variant) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', () => resolve({ output: Buffer.concat(chunks).toString('utf8') }));
  });
}
