import { fork } from 'node:child_process';

// Starts a program as a test does, tells its process id, and waits to be killed. What the program prints comes after that.
process.on('disconnect', () => process.exit());
const [, , main = ''] = process.argv;
const child = fork(main, ['--empty'], { execArgv: [] });
child.on('exit', () => process.exit());
process.stdout.write(`${child.pid}\n`);
