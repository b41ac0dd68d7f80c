import { onceGone } from '@crossdesk/local-machine';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemUser } from './server-user.ts';

/** The process a server belongs to. */
export interface Ownership {
  /** To be said once the server runs: another process that tried to start one meanwhile is none. */
  confirm(): void;
  release(): void;
}

/** Says which process that is. It lies beside the data folder: whoever runs the server can read it. */
const fileIn = (home: string): string => join(home, 'postgres-owner');

/** Fast shutdown; the server that is just starting has no process id yet. One that has another owner by now is theirs. */
const stopIfOurs = `
  for try in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(cat "$1")" = "$2" ] || exit
    read -r pid < "$3" && kill -INT "$pid" && exit
    sleep 1
  done`;

/** Makes this process the owner of the server that it is about to start: it ends once the owner is gone, however that ended. */
export function ownServer(home: string, user: SystemUser | null): Ownership {
  const owner = String(process.pid);
  const confirm = (): void => writeFileSync(fileIn(home), owner);
  confirm();
  const pidFile = join(home, 'postgres/postmaster.pid');
  return { confirm, release: onceGone(['sh', '-c', stopIfOurs, 'sh', fileIn(home), owner, pidFile], user) };
}

/** Whether the owner of the server lives. Else somebody ends it at this moment, or nobody ever will. */
export function hasOwner(home: string): boolean {
  try {
    process.kill(Number(readFileSync(fileIn(home), 'utf8')), 0);
    return true;
  } catch (error) {
    // Another user's process lives too.
    return error instanceof Error && Reflect.get(error, 'code') === 'EPERM';
  }
}
