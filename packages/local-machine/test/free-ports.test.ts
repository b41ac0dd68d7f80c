import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePorts } from '../src/free-ports.ts';

const module = JSON.stringify(join(import.meta.dirname, '../src/free-ports.ts'));

test('a port is given to one process only, although nothing listens on it', async () => {
  const ours = await freePorts(50);
  // The other process draws the very same numbers before any others.
  const { stdout } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import crypto from 'node:crypto';
       import { syncBuiltinESMExports } from 'node:module';
       const drawn = ${JSON.stringify(ours)};
       const { randomInt } = crypto;
       crypto.randomInt = (...range) => drawn.shift() ?? randomInt(...range);
       syncBuiltinESMExports();
       const { freePorts } = await import(${module});
       console.log(JSON.stringify(await freePorts(30)));`,
    ],
    { encoding: 'utf8' },
  );
  const theirs = JSON.parse(stdout) as number[];
  expect(theirs).toHaveLength(30);
  expect(theirs.filter((port) => ours.includes(port))).toEqual([]);
  expect(new Set(ours).size).toBe(50);
});

test('the owner of a port can listen on it', async () => {
  const [port] = await freePorts(1);
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  expect(server.address()).toMatchObject({ port });
  server.close();
});
