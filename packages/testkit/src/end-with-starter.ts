import { readFileSync } from 'node:fs';

const lookEveryMs = 500;
/** npm, pnpm and two shells of theirs: a test run never has more of them above it. */
const launchersMax = 6;

/**
 * Ends this process of a test run once its starter is gone, however it ended: `process.ppid` changes then. On Linux,
 * npm and pnpm above it are checked as well. The processes that it started end with it in turn.
 */
export function endWithStarter(): void {
  const starter = process.ppid;
  const launchers = launchersOf(starter);
  const look = (): void => {
    if (process.ppid !== starter || !launchers.every(lives)) process.exit(1);
  };
  setInterval(look, lookEveryMs).unref();
}

/**
 * The processes from the starter up to the topmost npm or pnpm; a shell that put all this into the background may end.
 */
function launchersOf(starter: number): number[] {
  const chain: { readonly pid: number; readonly name: string }[] = [];
  for (let pid = starter; pid > 1 && chain.length < launchersMax;) {
    const found = readProcess(pid);
    if (found === null) break;
    chain.push({ pid, name: found.name });
    pid = found.parent;
  }
  return chain.slice(0, chain.findLastIndex(({ name }) => /^p?np[mx]/.test(name)) + 1).map(({ pid }) => pid);
}

function readProcess(pid: number): { readonly name: string; readonly parent: number } | null {
  try {
    const [, name = '', parent] = /^\d+ \((.*)\) \w (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { name, parent: Number(parent) };
  } catch {
    return null;
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && Reflect.get(error, 'code') === 'EPERM';
  }
}
