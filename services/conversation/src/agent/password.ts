import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import { type Asker, createHashingQueue } from './hashing-queue.ts';

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes and 1 lane. */
const recommendedMemoryKib = 19_456;
const passes = 2;
const keyBytes = 32;
const saltBytes = 16;

/** Two at once take 38 MiB and leave half of the threads of libuv to others. 64 hashes take about 3 s. */
const limits = {
  runningMax: 2,
  waitingMax: 64,
  waitingPerLaneMax: 24,
  waitingPerNetworkMax: 24,
  waitingMsMax: 5_000,
};

export interface Passwords {
  hash(asker: Asker, password: string): Promise<Decision<string, 'BUSY'>>;
  /** Takes as long without a stored hash as with one, so that the time does not show which addresses are known. */
  matches(asker: Asker, password: string, stored: string | null): Promise<Decision<boolean, 'BUSY'>>;
}

interface Stored {
  readonly memoryKib: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

export function createPasswords(memoryKib: number = recommendedMemoryKib): Passwords {
  const queue = createHashingQueue(limits);
  const nobody: Stored = { memoryKib, salt: randomBytes(saltBytes), key: randomBytes(keyBytes) };
  return {
    async hash(asker, password) {
      const salt = randomBytes(saltBytes);
      const key = await queue.run(asker, () => derive(password, salt, memoryKib));
      return key === null ? busy : accept(format({ memoryKib, salt, key }));
    },
    async matches(asker, password, stored) {
      const expected = stored === null ? nobody : parse(stored);
      const key = await queue.run(asker, () => derive(password, expected.salt, expected.memoryKib));
      return key === null ? busy : accept(timingSafeEqual(key, expected.key) && stored !== null);
    },
  };
}

const busy = refuse('BUSY', null, 'Too many passwords are being checked: try again in a few seconds.');

/** The format of the PHC, which names the parameters. */
function format({ memoryKib, salt, key }: Stored): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

function parse(stored: string): Stored {
  const [, memory, salt, key] = /^\$argon2id\$v=19\$m=(\d+),t=2,p=1\$([\w-]+)\$([\w-]+)$/.exec(stored) ?? [];
  if (memory === undefined || salt === undefined || key === undefined) {
    throw new Error('a stored password hash has an unknown format: set the password of the agent again');
  }
  return { memoryKib: Number(memory), salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
}

function derive(password: string, nonce: Buffer, memory: number): Promise<Buffer> {
  // Composed form, so that an accent typed on another keyboard is equal.
  const parameters = { message: password.normalize('NFC'), nonce, memory, passes, parallelism: 1, tagLength: keyBytes };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
