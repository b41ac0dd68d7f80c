import { endWithStarter } from '@crossdesk/testkit/end-with-starter';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStep, type StepResult } from './check/run-step.ts';
import { type Step, steps } from './check/steps.ts';
import { lastLine, skippedLine, sum } from './check/tally.ts';

function report(result: StepResult): void {
  const { passed, failed } = result.tally;
  const count = result.step.counts === 'jest' ? ` (${passed} passed, ${failed} failed)` : '';
  const seconds = (result.durationMs / 1000).toFixed(1);
  console.log(`${failed === 0 ? 'ok  ' : 'FAIL'} ${result.step.name} ${seconds} s${count}`);
  if (failed > 0) console.log(result.output.trimEnd());
}

async function runAll(chosen: readonly Step[], scratchFolder: string): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const runNext = async (waiting: Step[]): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step, scratchFolder);
      report(result);
      results.push(result);
    }
  };
  const cheap = chosen.filter((step) => step.isCheap);
  await Promise.all([runNext(cheap), runNext(cheap)]);
  await runNext(chosen.filter((step) => !step.isCheap));
  return results;
}

function choose(names: readonly string[]): readonly Step[] {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`no step is called ${unknown.join(', ')}; there are: ${steps.map((step) => step.name).join(', ')}`);
    process.exit(1);
  }
  return names.length === 0 ? steps : steps.filter((step) => names.includes(step.name));
}

endWithStarter();
const chosen = choose(process.argv.slice(2));
const scratchFolder = await mkdtemp(join(tmpdir(), 'crossdesk-check-'));
try {
  const total = sum((await runAll(chosen, scratchFolder)).map((result) => result.tally));
  for (const title of total.skipped) console.log(skippedLine(title));
  for (const retried of total.retried) console.log(`second try: ${retried}`);
  console.log(lastLine(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
} finally {
  await rm(scratchFolder, { recursive: true });
}
