import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './repository.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossdesk-types-'));
  const installed = join(folder, 'node_modules/@crossdesk/types');
  mkdirSync(installed, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: join(root, 'packages/types'),
    encoding: 'utf8',
  });
  execFileSync('tar', ['xzf', join(folder, packed.trim()), '-C', installed, '--strip-components=1']);
  symlinkSync(join(root, 'node_modules/typescript'), join(folder, 'node_modules/typescript'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says about a program that uses the installed package. */
function complaints(program: string): string {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'client.ts'), program);
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', '', 'client.ts'];
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), flags, { cwd: folder, encoding: 'utf8' });
  return stdout;
}

const client = `
  import type { CrossdeskEvent } from '@crossdesk/types/events';
  import type { Message } from '@crossdesk/types/api';
  export function deletedAt(event: CrossdeskEvent): string | null {
    return event.type === 'conversation.message-changed' ? event.data.deletedAt : null;
  }
  export function emojis(message: Message): string[] {
    return message.reactions.map(({ emoji }) => emoji);
  }`;

test('a program compiles against the packed types of events and API', () => {
  expect(complaints(client)).toBe('');
});

test('a field or an event that does not exist is refused', () => {
  expect(complaints(client.replace('data.deletedAt', 'data.deleteAt'))).toContain("'deleteAt' does not exist");
  expect(complaints(client.replace('conversation.message-changed', 'conversation.renamed'))).toContain('no overlap');
});
