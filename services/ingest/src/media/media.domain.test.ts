import { expect, test } from '@jest/globals';
import type { MessageContent } from '@crossdesk/contracts';
import { cleanFileName, fileOf, findUnsafe, isShownInline, type MediaKind, retryInMs } from './media.domain.ts';

const none = { url: null, thumbnailUrl: null, mediaId: null, mimeType: null, fileName: null, caption: null };

test.each([
  [{ kind: 'text', text: 'hi' }, false, null],
  [{ kind: 'image', ...none, url: 'https://a.example/1' }, false, 'image'],
  [{ kind: 'file', ...none, mediaId: '7', fileName: '../a.pdf' }, true, 'file'],
  [{ kind: 'sticker', stickerId: '7', url: null }, true, 'sticker'],
  [{ kind: 'sticker', stickerId: 'pack/7', url: null }, false, null],
  [{ kind: 'sticker', stickerId: null, url: 'no-address' }, false, null],
] satisfies [MessageContent, boolean, MediaKind | null][])('%j has a file: %j %j', (content, hasFilesById, kind) => {
  expect(fileOf(content, hasFilesById)?.kind ?? null).toBe(kind);
});

const found = { mimeType: null, width: null, height: null, durationMs: null };
const picture = { ...found, mimeType: 'image/png', width: 10, height: 10 };

test.each([
  ['image', picture, null],
  ['sticker', { ...picture, mimeType: 'image/webp' }, null],
  ['image', { ...picture, mimeType: 'image/svg+xml' }, 'UNSAFE'],
  ['image', { ...picture, width: 20_000, height: 20_000 }, 'UNSAFE'],
  ['image', { ...picture, width: null }, 'UNSAFE'],
  ['image', found, 'UNSAFE'],
  ['image', { ...found, mimeType: 'application/pdf' }, 'UNSAFE'],
  ['video', { ...found, mimeType: 'video/mp4' }, null],
  ['video', picture, 'UNSAFE'],
  ['audio', { ...found, mimeType: 'audio/ogg' }, null],
  ['audio', { ...found, mimeType: 'application/ogg' }, null],
  ['audio', found, 'UNSAFE'],
  ['file', found, null],
] as const)('%s of %j: %p', (kind, inspection, failure) => {
  expect(findUnsafe(kind, inspection)).toBe(failure);
});

test('nothing that can run is shown inline', () => {
  const types = ['text/html', 'image/svg+xml', 'application/pdf', 'application/xml', 'application/octet-stream'];
  expect(types.filter(isShownInline)).toEqual([]);
});

test('the pauses grow to six hours, and the ninth try is the last', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(retryInMs);
  expect(pauses.slice(0, 7)).toEqual([5, 20, 80, 320, 1_280, 5_120, 20_480].map((seconds) => seconds * 1_000));
  expect(pauses.slice(7)).toEqual([6 * 3_600_000, null]);
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\pictures\\a b.png', 'a b.png'],
  ['invoice\u202egnp.exe', 'invoicegnp.exe'],
  ['a\r\nb.pdf', 'ab.pdf'],
  ['..', null],
  ['  ', null],
  [null, null],
])('the file name %j is %j', (name, clean) => {
  expect(cleanFileName(name)).toBe(clean);
});
