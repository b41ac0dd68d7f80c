import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

/** A simple picture that is always the same for a name, so that products and photos can be told apart. */
export function drawImage(name: string): string {
  const hue = hueOf(name);
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="320" viewBox="0 0 320 320">',
    `<rect width="320" height="320" fill="hsl(${hue} 45% 82%)"/>`,
    `<circle cx="160" cy="135" r="72" fill="hsl(${hue} 55% 48%)"/>`,
    `<text x="160" y="262" font-family="sans-serif" font-size="20" text-anchor="middle">${name}</text>`,
    '</svg>',
  ].join('');
}

function hueOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt16BE(0) % 360;
}

const photoSide = 640;

/** A photo of a buyer, as platforms serve it: a PNG with a disc in the colour of its name. */
export function drawPhoto(name: string): Buffer {
  const hue = hueOf(name);
  const [ground, disc] = [rgbOf(hue, 0.45, 0.82), rgbOf(hue, 0.55, 0.48)];
  const half = photoSide / 2;
  // Filled line by line: a photo is drawn for every call about it, beside the tests in the same process.
  const row = (y: number): Buffer => {
    const reach = Math.floor(Math.sqrt(Math.max(0, (half * 0.6) ** 2 - (y - half) ** 2)));
    const line = Buffer.alloc(1 + photoSide * 3);
    line.fill(ground, 1);
    return reach === 0 ? line : line.fill(disc, 1 + (half - reach) * 3, 1 + (half + reach) * 3);
  };
  return png(photoSide, Buffer.concat(Array.from({ length: photoSide }, (_, y) => row(y))));
}

function rgbOf(hue: number, saturation: number, lightness: number): Buffer {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const parts = [0, 8, 4].map((offset) => {
    const place = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - spread * Math.max(-1, Math.min(place - 3, 9 - place, 1))));
  });
  return Buffer.from(parts);
}

/** The rows begin with their filter type, three bytes a pixel follow. */
function png(side: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
