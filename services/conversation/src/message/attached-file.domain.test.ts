import { expect, test } from '@jest/globals';
import { newId, type UploadId } from '@crossdesk/contracts';
import { type AttachedFile, contentsOfFiles, decideFiles } from '../attachment/attached-file.domain.ts';
import { refuseSending } from './message.domain.ts';

const megabyte = 1024 * 1024;
const picture: AttachedFile = {
  ...{ uploadId: newId<UploadId>(), purpose: 'reply', kind: 'image', mimeType: 'image/png', bytes: 100 },
  fileName: 'a.png',
};
const words = { kind: 'text', text: 'This one?' } as const;
const now = new Date();

function shown(channel: string, files: readonly AttachedFile[], text: typeof words | null = null) {
  const decision = contentsOfFiles(channel, files, text);
  if (!decision.ok) return decision.errors[0]?.code;
  return decision.value.map((content) => [
    content.kind,
    'caption' in content ? content.caption : 'text' in content ? content.text : null,
  ]);
}

test('words go with the first file where the channel shows them, and before it elsewhere', () => {
  expect(shown('whatsapp', [picture, picture], words)).toEqual([
    ['image', 'This one?'],
    ['image', null],
  ]);
  expect(shown('shopee', [picture], words)).toEqual([
    ['text', 'This one?'],
    ['image', null],
  ]);
  expect(shown('whatsapp', [{ ...picture, kind: 'audio' }], words)).toEqual([
    ['text', 'This one?'],
    ['audio', null],
  ]);
});

test('a file for colleagues, an unknown one and too many are refused', () => {
  expect(shown('whatsapp', [picture, { ...picture, purpose: 'note' }])).toBe('INVALID_INPUT');
  const named = { name: 'x', file: picture };
  const codeOf = (files: Parameters<typeof decideFiles>[0]) => {
    const decision = decideFiles(files);
    return decision.ok ? decision.value.length : decision.errors[0]?.code;
  };
  expect(codeOf(Array.from({ length: 10 }, () => named))).toBe(10);
  expect(codeOf(Array.from({ length: 11 }, () => named))).toBe('INVALID_INPUT');
  expect(codeOf([named, { name: 'y', file: null }])).toBe('NOT_FOUND');
});

test.each([
  ['shopee', { bytes: 2 * megabyte + 1 }, 'FILE_TOO_LARGE', /at most 2097152 as image/],
  ['shopee', { mimeType: 'image/webp' }, 'KIND_NOT_SUPPORTED', /takes image\/jpeg, image\/png, image\/gif as image/],
  ['shopee', { kind: 'video', mimeType: 'video/mp4' }, 'KIND_NOT_SUPPORTED', /cannot send video/],
  ['tiktok-shop', { bytes: 10 * megabyte + 1 }, 'FILE_TOO_LARGE', /10485760/],
  ['whatsapp', { kind: 'video', mimeType: 'video/mp4', bytes: 16 * megabyte + 1 }, 'FILE_TOO_LARGE', /16777216/],
  ['whatsapp', { kind: 'file', mimeType: 'application/zip' }, 'KIND_NOT_SUPPORTED', /application\/pdf/],
  ['whatsapp', { kind: 'file', mimeType: 'application/pdf' }, null, /./],
  ['generic', { kind: 'file', mimeType: 'application/zip', bytes: 99 * megabyte }, null, /./],
] as const)('%s with %j: %s', (channel, file, code, message) => {
  const decision = contentsOfFiles(channel, [{ ...picture, ...file }], null);
  if (!decision.ok) throw new Error('refused before');
  const refused = refuseSending({ channel, lastInboundAt: now }, decision.value[0], now);
  const error =
    code === null ? undefined : { code, path: ['input', 'attachments'], message: expect.stringMatching(message) };
  expect(refused?.errors[0]).toEqual(error);
});
