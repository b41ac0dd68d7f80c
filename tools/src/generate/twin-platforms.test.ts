import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateTwinPlatforms } from './twin-platforms.ts';

let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'twin-platforms-'));
  addFile('twin.ts');
});
afterEach(() => rmSync(tree, { recursive: true }));

function addFile(path: string): void {
  const full = join(tree, 'apps/twin/src', path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, '');
}

test('every folder is a platform, in alphabetical order', () => {
  addFile('toy-shop/toy-shop.platform.ts');
  addFile('mail/mail.platform.ts');
  const { files, refusals } = generateTwinPlatforms(tree);
  expect(refusals).toEqual([]);
  const [names, platforms] = files;
  expect(names?.path).toBe('apps/twin/src/platform-names.generated.ts');
  expect(names?.text).toContain(`platformNames = [\n  'mail',\n  'toy-shop',\n]`);
  expect(platforms?.path).toBe('apps/twin/src/platforms.generated.ts');
  expect(platforms?.text).toContain(`import { platform as toyShop } from './toy-shop/toy-shop.platform.ts';\n`);
  expect(platforms?.text).toContain(`  'toy-shop': toyShop,\n`);
});

test('a folder without its platform is refused with the path of the missing file', () => {
  addFile('mail/mail.routes.ts');
  expect(generateTwinPlatforms(tree).refusals).toEqual([
    expect.stringContaining('apps/twin/src/mail/mail.platform.ts is missing'),
  ]);
});

test.each(['Mail', 'e_mail', '17track', 'mail-'])('the folder name %s is refused', (name) => {
  addFile(`${name}/${name}.platform.ts`);
  expect(generateTwinPlatforms(tree).refusals).toEqual([expect.stringContaining(`apps/twin/src/${name}: `)]);
});
