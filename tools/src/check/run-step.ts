import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../repository.ts';
import type { Step } from './steps.ts';
import { type Tally, tallyOfJest, tallyOfTool } from './tally.ts';

export interface StepResult {
  readonly step: Step;
  readonly tally: Tally;
  readonly output: string;
  readonly durationMs: number;
}

interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

function run(command: readonly string[]): Promise<Ended> {
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1', FORCE_COLOR: '0' };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      cwd: root,
      env: { ...process.env, ...color },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

async function readReport(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}

async function runJest(step: Step, scratchFolder: string): Promise<Ended & { tally: Tally }> {
  const report = join(scratchFolder, `${step.name}.json`);
  await rm(report, { force: true });
  const ended = await run([...step.command, '--json', `--outputFile=${report}`, '--silent']);
  return { ...ended, tally: tallyOfJest(ended.exitCode, await readReport(report)) };
}

/** Runs one step to its end; a failing step is a result, not an exception. */
export async function runStep(step: Step, scratchFolder: string): Promise<StepResult> {
  const startedAt = performance.now();
  const ended =
    step.counts === 'jest'
      ? await runJest(step, scratchFolder)
      : await run(step.command).then((tool) => ({ ...tool, tally: tallyOfTool(tool.exitCode) }));
  return { step, tally: ended.tally, output: ended.output, durationMs: performance.now() - startedAt };
}
