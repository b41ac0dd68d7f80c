import { tied } from '@crossdesk/local-machine';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Command } from './toolchains.ts';

/** What an example prints for one record. */
export interface Line {
  readonly what: 'event' | 'repeat' | 'bad';
  readonly key: string;
  readonly eventId: string;
  readonly text: string;
}

export interface RunningExample {
  readonly lines: readonly Line[];
  /** The counts it prints at its end. */
  readonly counts: Readonly<Record<string, number>>;
  everythingSaid(): string;
  hasEnded(): boolean;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export function startExample(
  { folder, program, args }: Command,
  environment: Readonly<Record<string, string>>,
): RunningExample {
  const [shell, shellArgs] = tied(program, args);
  const child = spawn(shell, shellArgs, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const said: string[] = [];
  const lines: Line[] = [];
  const counts: Record<string, number> = {};
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (text) => {
      said.push(text);
      const [what = '', , first = '', , last = ''] = text.split(' ');
      if (what === 'event') lines.push({ what, key: first, eventId: last, text });
      else if (what === 'repeat') lines.push({ what, key: '', eventId: first, text });
      else if (what === 'bad') lines.push({ what, key: '', eventId: '', text });
      else if (what === 'stopped') Object.assign(counts, JSON.parse(text.slice('stopped '.length)));
    });
  return {
    lines,
    counts,
    everythingSaid: () => said.join('\n'),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async end(signal) {
      child.kill(signal);
      await closed;
    },
  };
}
