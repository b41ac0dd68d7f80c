import { fork } from 'node:child_process';

// Starts a program as a test does, prints its process id and then its output, and waits to be killed.
process.on('disconnect', () => process.exit());
const [, , main = ''] = process.argv;
const child = fork(main, ['--empty'], { execArgv: [] });
child.on('exit', () => process.exit());
process.stdout.write(`${child.pid}\n`);
