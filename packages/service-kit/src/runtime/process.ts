import type { Logger } from './log.ts';
import { ConfigError } from './config.ts';
import { tellParent } from './parent.ts';

export interface RunningProcess {
  readonly log: Logger;
  /**
   * Reports that it is ready. It runs after the signal handlers are installed, so that the reader may stop the process
   * at once.
   */
  announce?(): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
}

const stopWithinMs = 9_000;

/**
 * Runs a process to its end: starts it, stops it in order on SIGTERM or SIGINT (a second signal ends it at once), and
 * ends with code 1 and one line when it cannot start. If there is a channel to its parent (IPC), it reports how it
 * started, and also stops when the parent is gone, however that ended. An uncaught error is logged and ends the
 * process: its supervisor starts a new one.
 */
export async function runProcess(start: () => Promise<RunningProcess>): Promise<void> {
  let stop = (code: number): void => process.exit(code);
  process.on('disconnect', () => stop(1));
  const running = await start().catch(refuse);
  let isStopping = false;
  stop = (code) => {
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
  await tellParent({ hasStarted: true });
  await running.announce?.();
}

async function refuse(error: unknown): Promise<never> {
  const reason = inOneLine(error);
  process.stderr.write(`cannot start: ${reason}\n`);
  await tellParent({ cannotStart: reason, isFinal: error instanceof ConfigError });
  process.exit(1);
}

/** The text a person needs to start it after all; with the stack only if they cannot fix the cause. */
function inOneLine(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error instanceof ConfigError || error.name.endsWith('PostgresError')) return error.message;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`.replaceAll('\n', ' ');
}
