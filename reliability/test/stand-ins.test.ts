import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  environmentOf,
  nodeArgumentsOf,
  replacedExports,
  SeamIsGone,
  type Variant,
} from '../src/stand-ins/stand-in.ts';

let directory: string;

/** A product of three modules: a name, a greeting, and a program that prints it. */
const product = {
  'name.ts': `export const name = (): string => 'Mei';\nexport const language = 'en';\n`,
  'greeting.ts': `import { name } from './name.ts';\nexport const greeting = (): string => 'Hello ' + name();\n`,
  'main.ts': `import { greeting } from './greeting.ts';\nimport { language } from './name.ts';\nconsole.log(greeting(), language);\n`,
};

beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'crossdesk-stand-ins-')));
  for (const [file, text] of Object.entries(product)) write(file, text);
});

afterAll(() => rmSync(directory, { recursive: true }));

function write(file: string, text: string): string {
  writeFileSync(join(directory, file), text);
  return join(directory, file);
}

function standIn(file: string, original: string, text: string): string {
  return write(file, `import * as original from './${original}';\nexport * from './${original}';\n${text}\n`);
}

function said(variant: Variant): string {
  const command = ['--no-warnings', ...nodeArgumentsOf(variant), join(directory, 'main.ts')];
  const env = { PATH: process.env['PATH'], ...environmentOf(variant) };
  return execFileSync(process.execPath, command, { env, encoding: 'utf8' }).trim();
}

describe('a process', () => {
  test('without a variant runs the product', () => {
    expect(said([])).toBe('Hello Mei en');
  });

  test('loads a stand-in wherever its original is imported, and the stand-in imports the original', () => {
    const twice = standIn('twice.ts', 'name.ts', `export const name = () => original.name() + original.name();`);
    expect(said([twice])).toBe('Hello MeiMei en');
  });

  test('loads several stand-ins, which import each other', () => {
    const other = standIn('other.ts', 'name.ts', `export const name = () => 'Bo';`);
    const louder = standIn('louder.ts', 'greeting.ts', `export const greeting = () => original.greeting() + '!';`);
    expect(said([other, louder])).toBe('Hello Bo! en');
  });
});

describe('a stand-in', () => {
  test('that fits is described by the exports that it replaces', async () => {
    const file = standIn('fits.ts', 'name.ts', `export const name = () => original.name();`);
    expect(await replacedExports(file)).toEqual(['name']);
  });

  test.each([
    ['an export that is gone', () => standIn('renamed.ts', 'name.ts', `export const fullName = () => 'Mei';`)],
    ['a module that is gone', () => standIn('moved.ts', 'who.ts', `export const name = () => 'Mei';`)],
    ['nothing', () => standIn('nothing.ts', 'name.ts', '')],
    ['no named module', () => write('nobody.ts', `export const name = () => 'Mei';\n`)],
  ])('for %s is refused', async (_, writeFile) => {
    await expect(replacedExports(writeFile())).rejects.toThrow(SeamIsGone);
  });
});
