import type { Logger } from './log.ts';
import { ConfigError } from './config.ts';

export interface RunningProcess {
  readonly log: Logger;
  /** Says that it is ready. It runs when signals are taken already: whoever reads it may stop the process at once. */
  announce?(): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
}

const stopWithinMs = 9_000;

/**
 * Runs a process to its end: starts it, stops it in order on SIGTERM or SIGINT (a second signal ends it at once), and ends
 * with code 1 and one line when it cannot start. A bug that nobody caught is logged and ends the process: its supervisor
 * starts a clean one.
 */
export async function runProcess(start: () => Promise<RunningProcess>): Promise<void> {
  let running: RunningProcess;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(`${oneLine(error)}\n`);
    process.exit(1);
  }
  let isStopping = false;
  const stop = (code: number): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    void running.stop(stopWithinMs).then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  process.on('uncaughtException', (err) => {
    running.log.fatal({ err }, 'uncaught exception');
    stop(1);
  });
  await running.announce?.();
}

/** What a person needs to know to start it after all; the stack only for what is not theirs to mend. */
function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return 'cannot start: unknown error';
  const code: unknown = Reflect.get(error, 'code');
  if (code === 'EADDRINUSE')
    return `cannot start: port ${String(Reflect.get(error, 'port'))} is in use; stop what uses it or set another port`;
  if (error instanceof ConfigError || error.name.endsWith('PostgresError')) return `cannot start: ${error.message}`;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `cannot start: ${error.message}${cause}`.replaceAll('\n', ' ');
}
