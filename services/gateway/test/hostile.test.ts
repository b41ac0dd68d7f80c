import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { hostileBodies } from './hostile.ts';

/** As deployed: 60 % of the container's 384 MB. */
const heapMegabytes = 230;
const bodiesCount = 400;

test(`a gateway with the memory of its container answers ${bodiesCount} hostile requests without a stall or an end`, async () => {
  const child = fork(join(import.meta.dirname, 'hostile-gateway.ts'), {
    execArgv: [`--max-old-space-size=${heapMegabytes}`, '--no-warnings'],
  });
  const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }];
  const statuses = new Map<string, number>();
  for (const [index, text] of hostileBodies(bodiesCount).entries()) {
    const authorization: Record<string, string> = index % 2 === 0 ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: text,
    });
    const answer = await response.text();
    expect([response.status < 500, answer.length < 2_000_000]).toEqual([true, true]);
    expect(answer).not.toContain('"INTERNAL"');
    statuses.set(String(response.status), (statuses.get(String(response.status)) ?? 0) + 1);
  }
  child.send('how was it');
  const [{ stallMs, heapBytes }] = (await once(child, 'message')) as [{ stallMs: number; heapBytes: number }];
  child.kill();
  await once(child, 'exit');
  process.stdout.write(
    `hostile: ${[...statuses].map(([status, count]) => `${count} x ${status}`).join(', ')}; longest stall ${Math.round(stallMs)} ms, ${Math.round(heapBytes / 2 ** 20)} MB\n`,
  );
  expect(stallMs).toBeLessThan(1_000);
}, 120_000);
