import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit/waiting';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'crossdesk-tied-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const index = JSON.stringify(join(import.meta.dirname, '../src/index.ts'));
const program = process.execPath;

/** Runs a module as a separate process. */
function run(source: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = child.stdout === null ? [''] : await once(child.stdout, 'data');
  return String(chunk).trim();
}

function lives(pid: number): boolean {
  try {
    // A zombie (dead, not yet collected) counts as gone.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a tied program has the process id of its child, and ends when its starter is killed', async () => {
  const starter = run(`
    import { spawn } from 'node:child_process';
    import { tied } from ${index};
    const [program, args] = tied(${JSON.stringify(program)}, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)']);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk) => console.log(child.pid, String(chunk).trim()));
  `);
  const [pid = 0, itself] = (await firstLine(starter)).split(' ').map(Number);
  expect(pid).toBe(itself);
  expect(lives(pid)).toBe(true);
  starter.kill('SIGKILL');
  await eventually(async () => expect(lives(pid)).toBe(false));
});

test('a tied program that ends by itself keeps its exit code', async () => {
  const starter = run(`
    import { spawn } from 'node:child_process';
    import { tied } from ${index};
    const [program, args] = tied(${JSON.stringify(program)}, ['-e', 'process.exit(7)']);
    spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'] }).on('close', (code) => console.log(code));
  `);
  expect(await firstLine(starter)).toBe('7');
});

test.each([
  ['killed', 'setInterval(() => {}, 1000); console.log("runs");', 'SIGKILL'],
  ['over', 'console.log("runs");', null],
] as const)(
  'the command runs once the process is %s, and does not run when it is cancelled',
  async (_, rest, signal) => {
    const [done, calledOff] = [join(directory, `done ${signal}`), join(directory, `called off ${signal}`)];
    const process = run(`
    import { onceGone } from ${index};
    onceGone(['touch', ${JSON.stringify(done)}], null);
    onceGone(['touch', ${JSON.stringify(calledOff)}], null)();
    ${rest}
  `);
    expect(await firstLine(process)).toBe('runs');
    if (signal !== null) {
      expect(existsSync(done)).toBe(false);
      process.kill(signal);
    }
    await eventually(async () => expect(existsSync(done)).toBe(true));
    expect(existsSync(calledOff)).toBe(false);
  },
);
