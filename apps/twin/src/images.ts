import { createHash } from 'node:crypto';

/** A simple picture that is always the same for a name, so that products and photos can be told apart. */
export function drawImage(name: string): string {
  const hue = createHash('sha256').update(name).digest().readUInt16BE(0) % 360;
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="320" viewBox="0 0 320 320">',
    `<rect width="320" height="320" fill="hsl(${hue} 45% 82%)"/>`,
    `<circle cx="160" cy="135" r="72" fill="hsl(${hue} 55% 48%)"/>`,
    `<text x="160" y="262" font-family="sans-serif" font-size="20" text-anchor="middle">${name}</text>`,
    '</svg>',
  ].join('');
}
