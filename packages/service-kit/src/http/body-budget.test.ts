import { expect, test } from '@jest/globals';
import { createBodyBudget } from './body-budget.ts';

const [heavy, light] = ['heavy', 'light'];

test('the bodies of a heavy owner wait for each other, and nobody else waits for them', async () => {
  const budget = createBodyBudget({ bytesMax: 10, ownerBytesMax: 6, waitMsMax: 60_000 });
  const begun: string[] = [];
  const take = async (name: string, owner: string, bytes: number) => {
    const release = await budget.take(owner, bytes);
    begun.push(name);
    return release;
  };
  const first = take('heavy 1', heavy, 4);
  const second = take('heavy 2', heavy, 4);
  const other = take('light 1', light, 6);
  const late = take('light 2', light, 1);
  const [release, releaseOther] = await Promise.all([first, other]);
  expect(begun).toEqual(['heavy 1', 'light 1']);
  release?.();
  await second;
  expect(begun).toEqual(['heavy 1', 'light 1', 'heavy 2']);
  releaseOther?.();
  await late;
  expect(begun).toEqual(['heavy 1', 'light 1', 'heavy 2', 'light 2']);
});

test('a body that waits too long is refused and takes no place', async () => {
  const budget = createBodyBudget({ bytesMax: 10, ownerBytesMax: 6, waitMsMax: 1 });
  const release = await budget.take(heavy, 6);
  expect(await budget.take(heavy, 6)).toBeNull();
  release?.();
  expect(await budget.take(heavy, 6)).not.toBeNull();
});
