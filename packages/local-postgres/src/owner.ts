import { onceGone } from '@crossdesk/local-machine';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemUser } from './server-user.ts';

/** The process a server belongs to. */
export interface Ownership {
  /** Call it once the server runs: another process that tried to start one at the same time does not own it. */
  confirm(): void;
  release(): void;
}

/** Records which process that is, in a file next to the data folder, which the user who runs the server can read. */
const fileIn = (home: string): string => join(home, 'postgres-owner');

/**
 * Fast shutdown; a server that is just starting has no process id yet. A server with another owner by now is left
 * alone.
 */
const stopIfOurs = `
  for try in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(cat "$1")" = "$2" ] || exit
    read -r pid < "$3" && kill -INT "$pid" && exit
    sleep 1
  done`;

/**
 * Makes this process the owner of the server that it is about to start: the server ends once the owner is gone, however
 * it ended.
 */
export function ownServer(home: string, user: SystemUser | null): Ownership {
  const owner = String(process.pid);
  const confirm = (): void => writeFileSync(fileIn(home), owner);
  confirm();
  const pidFile = join(home, 'postgres/postmaster.pid');
  return { confirm, release: onceGone(['sh', '-c', stopIfOurs, 'sh', fileIn(home), owner, pidFile], user) };
}

/** Whether the owner of the server is alive. If not, the server is being ended right now, or nothing will end it. */
export function hasOwner(home: string): boolean {
  try {
    process.kill(Number(readFileSync(fileIn(home), 'utf8')), 0);
    return true;
  } catch (error) {
    // EPERM means that another user's process is alive.
    return error instanceof Error && Reflect.get(error, 'code') === 'EPERM';
  }
}
