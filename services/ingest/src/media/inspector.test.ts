import { afterAll, expect, test } from '@jest/globals';
import { aPng } from '@crossdesk/testkit';
import { createInspector } from './inspector.ts';

const inspector = createInspector();
afterAll(() => inspector.close());

const bytesOf = (text: string, encoding: BufferEncoding = 'utf8') => Uint8Array.from(Buffer.from(text, encoding));
const unknown = { mimeType: null, width: null, height: null, durationMs: null, thumbnail: null, isText: true };

async function inspected(bytes: Uint8Array<ArrayBuffer>) {
  const answer = await inspector.inspect(bytes);
  if (answer === null) throw new Error('the thread broke');
  return answer.found;
}

test('a picture has its size and a thumbnail of the same shape; the bytes come back unchanged', async () => {
  const png = aPng(800, 400);
  const answer = await inspector.inspect(Uint8Array.from(png));
  expect(answer?.bytes).toEqual(png);
  expect(answer?.found).toMatchObject({ mimeType: 'image/png', width: 800, height: 400 });
  const thumbnail = answer?.found.thumbnail?.bytes ?? new Uint8Array();
  expect(await inspected(thumbnail)).toMatchObject({ mimeType: 'image/webp', width: 320, height: 160 });
});

test('a small picture is its own thumbnail', async () => {
  expect(await inspected(aPng(320, 200))).toMatchObject({ width: 320, height: 200, thumbnail: null });
});

test.each([
  ['HTML', '<!doctype html><script>alert(1)</script>'],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
  ['text', 'only words'],
])('%s has no type', async (_, text) => {
  expect(await inspected(bytesOf(text))).toMatchObject(unknown);
});

test('a bomb of 40,000 x 40,000 pixels in few bytes is measured, not opened', async () => {
  const found = await inspected(aPng(40_000, 40_000, { isEmpty: true }));
  expect(found).toMatchObject({ width: 40_000, height: 40_000, thumbnail: null });
});

test('a broken picture has no thumbnail and does not disturb the next one', async () => {
  expect(await inspected(aPng(800, 400).slice(0, 120))).toMatchObject({
    mimeType: 'image/png',
    thumbnail: null,
    isOpened: false,
  });
  expect((await inspected(aPng(800, 400))).thumbnail).not.toBeNull();
});

test('a sound has its length', async () => {
  const [rate, seconds] = [8_000, 2];
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + rate * seconds, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(rate * seconds, 40);
  const wav = Uint8Array.from(Buffer.concat([head, Buffer.alloc(rate * seconds)]));
  expect(await inspected(wav)).toMatchObject({ mimeType: 'audio/wav', durationMs: 2_000 });
});

test('bytes that end the thread are answered with null, and the next file is inspected', async () => {
  const endless = createInspector(1);
  expect(await endless.inspect(aPng(3_000, 2_000))).toBeNull();
  await endless.close();
});
