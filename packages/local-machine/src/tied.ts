/**
 * The command that runs a program so that it ends with the process that started it, however that ended, even by
 * SIGKILL. Spawn it with a pipe as standard input and never write to it: the pipe closes when the starter ends, and a
 * shell that waits for this kills the program. The process id is that of the program.
 */
export function tied(program: string, args: readonly string[]): readonly [program: string, args: readonly string[]] {
  return ['sh', ['-c', killedWithItsStarter, 'sh', program, ...args]];
}

const killedWithItsStarter = `
  exec 3<&0 </dev/null
  (while read -r _ <&3; do :; done; kill -9 $$) >/dev/null 2>&1 &
  exec "$@" 3<&-
`;
