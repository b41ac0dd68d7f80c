import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Has a shell run a command once this process is gone, however it ended, SIGKILL included: the pipe between them ends then.
 * Returns what calls it off. For programs that go into the background by themselves; others are `tied`.
 */
export function onceGone(
  command: readonly string[],
  user: { readonly uid: number; readonly gid: number } | null,
): () => void {
  // A session of its own: Ctrl-C and the end of a terminal are for this process, which has its own way to stop.
  const guard = spawn('sh', ['-c', 'while read -r _; do :; done; exec "$@"', 'sh', ...command], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  });
  // Where there is no shell nobody guards.
  guard.on('error', () => undefined);
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return () => void guard.kill('SIGKILL');
}
