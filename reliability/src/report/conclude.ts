import { cpus, loadavg } from 'node:os';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { profiles } from '../profiles.ts';
import type { Found } from '../run-choices.ts';
import { reliabilityPage } from './page.ts';
import { failuresOf, type Results } from './results.ts';
import { tableOf } from './table.ts';

const resultsDirectory = join(import.meta.dirname, '../../results');
const page = join(import.meta.dirname, '../../../docs/reliability.md');

type Work = (found: Found, note: (line: string) => void) => Promise<void>;

/** Does the work, then prints one table and each failure with the command that repeats it. Returns the exit code. */
export async function conclude(profile: string, work: Work): Promise<number> {
  const startedAt = performance.now();
  const loadBefore = Math.round((loadavg()[0] ?? 0) * 10) / 10;
  const found: Found = { simulations: [], runs: [], mutants: [], notRun: [] };
  const resultsNow = (): Results => ({
    at: new Date().toISOString(),
    profile,
    node: process.version,
    cores: cpus().length,
    loadBefore,
    tookMs: Math.round(performance.now() - startedAt),
    ...found,
  });
  await work(found, (line) => {
    console.log(`${seconds(startedAt).padStart(5)} s  ${line}`);
    // Kept after each run, so that a profile that is interrupted leaves what it has found.
    if (profile in profiles) keep(resultsNow());
  });
  const results = resultsNow();
  console.log(`\n${tableOf(results)}\n`);
  const failures = failuresOf(results);
  for (const line of results.notRun) console.log(`NOT RUN: ${line}`);
  for (const line of failures) console.log(line);
  console.log(failures.length === 0 ? `all invariants held, ${seconds(startedAt)} s` : `${failures.length} findings`);
  return failures.length === 0 ? 0 : 1;
}

function keep(results: Results): void {
  mkdirSync(resultsDirectory, { recursive: true });
  writeFileSync(join(resultsDirectory, `${results.profile}.json`), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(page, reliabilityPage(results));
}

function seconds(since: number): string {
  return String(Math.round((performance.now() - since) / 1_000));
}
