import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { SendJob, SendResult } from './sender.ts';

/**
 * Sends from a separate process, so that the sender's work disturbs the server as little as possible on one machine.
 */
export function sendFrom(job: SendJob): Promise<SendResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'sender.ts'), {
      execArgv: ['--no-warnings'],
      serialization: 'advanced',
    });
    child.once('message', (result) => resolve(result as SendResult));
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? undefined : reject(new Error(`the sender ended with code ${code}`))));
    child.send(job);
  });
}
