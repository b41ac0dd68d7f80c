import { afterAll, expect, test } from '@jest/globals';
import { aPng, aZip } from '@crossdesk/testkit';
import { createInspector } from '../media/inspector.ts';
import { decideAnnounced, judge } from './upload.domain.ts';

const inspector = createInspector();
afterAll(() => inspector.close());

const bytesOf = (text: string, encoding: BufferEncoding = 'latin1') => Uint8Array.from(Buffer.from(text, encoding));
const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
const png = aPng(40, 30);
const program = joined(bytesOf('MZ'), new Uint8Array(200));
const document = {
  name: '[Content_Types].xml',
  text: '<Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>',
};
const pdf = bytesOf('%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n');
const gifPage = bytesOf('GIF89a/*\u0001\u0000\u0000\u0000\u0000*/=1;alert(1)//<script>alert(1)</script>');

async function judged(name: string, bytes: Uint8Array<ArrayBuffer>) {
  const answer = await inspector.inspect(Uint8Array.from(bytes));
  if (answer === null) throw new Error('the thread broke');
  return judge(name, bytes.length, answer.found);
}

test.each([
  ['photo.png', png, 'photo.png', 'image/png'],
  ['photo', png, 'photo.png', 'image/png'],
  ['photo.jpg', png, 'photo.png', 'image/png'],
  ['guide.pdf', pdf, 'guide.pdf', 'application/pdf'],
  ['prices.csv', bytesOf('a;b\r\n1;2\r\n'), 'prices.csv', 'text/csv'],
  ['价格.txt', bytesOf('价格：九十九元', 'utf8'), '价格.txt', 'text/plain'],
  ['papers.zip', aZip({ name: 'a.pdf', text: 'a' }), 'papers.zip', 'application/zip'],
  [
    'letter.docx',
    aZip(document),
    'letter.docx',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  ],
])('%s is taken as what its bytes are', async (name, bytes, fileName, mimeType) => {
  expect(await judged(name, bytes)).toMatchObject({ refusal: null, fileName, type: { mimeType } });
});

test.each([
  ['a page under the name of a picture', 'photo.png', bytesOf('<!doctype html><script>alert(1)</script>')],
  ['a drawing with a script', 'photo.png', bytesOf('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
  ['a program under the name of a picture', 'photo.jpg', program],
  ['a program without an extension', 'setup', program],
  ['text without an extension', 'readme', bytesOf('#!/bin/sh\nrm -rf /\n')],
  ['an archive under the name of a document', 'guide.pdf', aZip({ name: 'a', text: 'a' })],
  ['a document under the name of a picture', 'photo.png', pdf],
  ['control characters under the name of text', 'a.txt', bytesOf('a\u0000b')],
])('%s is of a type that cannot be sent', async (_, name, bytes) => {
  expect(await judged(name, bytes)).toMatchObject({
    refusal: 'TYPE_NOT_ALLOWED',
    message: expect.stringMatching(/Send one of: jpg/),
  });
});

test.each([
  ['a picture of 40,000 x 40,000 pixels', 'a.png', aPng(40_000, 40_000, { isEmpty: true }), /too many/],
  ['a picture that breaks off', 'a.png', aPng(800, 400).slice(0, 120), /cannot be opened/],
  ['a picture that is also a script', 'a.gif', gifPage, /cannot be opened/],
  ['a picture that is also an archive', 'a.png', joined(png, aZip({ name: 'a', text: 'a' })), /ends with an archive/],
  ['a document that is also an archive', 'a.pdf', joined(pdf, aZip({ name: 'a', text: 'a' })), /ends with an archive/],
  ['an archive that unpacks to 4 GB', 'a.zip', aZip({ name: 'a', text: 'a', claimedBytes: 4e9 }), /4000000000 bytes/],
  [
    'an archive whose files lie on top of each other',
    'a.zip',
    aZip(...Array.from({ length: 300 }, (_, n) => ({ name: `${n}`, text: '', claimedBytes: 5_000_000 }))),
    /1500000000 bytes/,
  ],
  ['an archive in an archive', 'a.zip', aZip({ name: 'b.zip', text: 'a' }), /another archive/],
  ['an archive with a program', 'a.zip', aZip({ name: 'x/invoice.pdf.EXE', text: 'a' }), /a program/],
  ['a document with macros', 'a.docx', aZip(document, { name: 'word/vbaProject.bin', text: 'a' }), /macros/],
  ['an archive whose directory is broken', 'a.zip', aZip({ name: 'a', text: 'a' }).fill(0, 33, 40), /cannot be read/],
])('%s is unsafe', async (_, name, bytes, words) => {
  expect(await judged(name, bytes)).toEqual({ refusal: 'UNSAFE', message: expect.stringMatching(words) });
});

test('names and sizes that would be refused later are refused when they are announced', () => {
  const limits = { bytesMax: 100, freeBytes: 50 };
  const codeOf = (name: string, bytes: number) => {
    const decision = decideAnnounced({ name, bytes }, limits);
    return decision.ok ? decision.value : decision.errors[0]?.code;
  };
  expect(codeOf('../../etc/photo.png', 50)).toBe('photo.png');
  expect(codeOf('photo.png', 0)).toBe('INVALID_INPUT');
  expect(codeOf(' ', 1)).toBe('INVALID_INPUT');
  expect(codeOf('photo.png', 101)).toBe('FILE_TOO_LARGE');
  expect(codeOf('photo.png', 51)).toBe('QUOTA_EXCEEDED');
  for (const name of ['setup.exe', 'page.html', 'drawing.svg', 'invoice.pdf.js', 'a.docm'])
    expect([name, codeOf(name, 1)]).toEqual([name, 'TYPE_NOT_ALLOWED']);
});
