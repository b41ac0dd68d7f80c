import { type Machine, thisMachine } from './machine.ts';

// Read at import: a test may replace them with its own clock.
const { setTimeout, clearTimeout } = globalThis;
const now = performance.now.bind(performance);

/** Time since its creation. */
export interface Stopwatch {
  wallMs(): number;
  /** The same time on a quiet machine. Every limit of a test uses this time. */
  quietMs(): number;
  /** As text: `31 s (20 s without what others took)`. */
  says(): string;
}

export function startStopwatch(machine: Machine = thisMachine()): Stopwatch {
  const [startedAt, lostBefore] = [now(), machine.lostMs()];
  const wallMs = () => now() - startedAt;
  const quietMs = () => Math.max(0, wallMs() - (machine.lostMs() - lostBefore));
  return {
    wallMs,
    quietMs,
    says() {
      const [wall, quiet] = [inSeconds(wallMs()), inSeconds(quietMs())];
      return wall === quiet ? wall : `${wall} (${quiet} without what others took)`;
    },
  };
}

/** Calls back after this much time of a quiet machine, unless it is cancelled before. It keeps no process alive. */
export function afterQuiet(limitMs: number, watch: Stopwatch, onOver: () => void): () => void {
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const leftMs = limitMs - watch.quietMs();
    if (leftMs <= 0) onOver();
    else timer = setTimeout(look, Math.ceil(leftMs)).unref();
  };
  look();
  return () => clearTimeout(timer);
}

export function inSeconds(ms: number): string {
  return `${ms < 9_950 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s`;
}
