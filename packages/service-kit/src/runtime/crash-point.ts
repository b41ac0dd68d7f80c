import { writeSync } from 'node:fs';

/** The places between two steps that must survive a power cut, as docs/reliability.md lists them. */
export type CrashPoint =
  | 'k1'
  | 'k2'
  | 'k3'
  | 'k4'
  | 'k5'
  | 'k6'
  | 'k7'
  | 'k8'
  | 'k9'
  | 'k10'
  | 'k11'
  | 'k12'
  | 'k13'
  | 'k14'
  | 'k15'
  | 'k16'
  | 'k17'
  | 'k18'
  | 'k19'
  | 'k20';

interface Armed {
  readonly point: string;
  readonly place: string | null;
  hitsLeft: number;
}

/** Only a process that was told to be the subject of a crash test can be armed; anywhere else the variable is ignored. */
const armed = process.env['CROSSDESK_CRASH_TEST'] === 'yes' ? parse(process.env['CROSSDESK_CRASH_AT'] ?? '') : null;

/**
 * Kills this process with SIGKILL when it is armed here (`CROSSDESK_CRASH_AT=k3:7`, the seventh time; `k9@crm.links:2`,
 * the second time at that place). Nothing is flushed and nobody is told, as in a power cut. Unarmed it does nothing.
 */
export function crashPoint(point: CrashPoint, place: string): void {
  if (armed === null || armed.point !== point || (armed.place !== null && armed.place !== place)) return;
  armed.hitsLeft -= 1;
  if (armed.hitsLeft > 0) return;
  writeSync(2, `crash point ${point}@${place}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal takes effect at the latest when this thread enters the kernel next; until then nothing may go on.
  for (;;);
}

function parse(text: string): Armed | null {
  const [, point, place, hits] = /^(k\d+)(?:@([a-z.]+))?:(\d+)$/.exec(text) ?? [];
  return point === undefined ? null : { point, place: place ?? null, hitsLeft: Number(hits) };
}
