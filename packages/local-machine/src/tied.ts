/**
 * The command that runs a program so that it ends with the process that started it, however that ended, SIGKILL included.
 * To be spawned with a pipe as standard input, which nobody writes to: it ends with its writer, and a shell that waits for
 * that kills the program. The process id is the one of the program.
 */
export function tied(program: string, args: readonly string[]): readonly [program: string, args: readonly string[]] {
  return ['sh', ['-c', killedWithItsStarter, 'sh', program, ...args]];
}

const killedWithItsStarter = `
  exec 3<&0 </dev/null
  (while read -r _ <&3; do :; done; kill -9 $$) >/dev/null 2>&1 &
  exec "$@" 3<&-
`;
