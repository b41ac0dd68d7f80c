import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Lets a shell run a command once this process is gone, however it ended, even by SIGKILL: the pipe between them closes
 * then. Returns a function that cancels this. For programs that go into the background by themselves; for others use
 * `tied`.
 */
export function onceGone(
  command: readonly string[],
  user: { readonly uid: number; readonly gid: number } | null,
): () => void {
  // A separate session: Ctrl-C and the end of a terminal must reach only this process, which stops in its own way.
  const guard = spawn('sh', ['-c', 'while read -r _; do :; done; exec "$@"', 'sh', ...command], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  });
  // Without a shell this protection does not exist.
  guard.on('error', () => undefined);
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return () => void guard.kill('SIGKILL');
}
