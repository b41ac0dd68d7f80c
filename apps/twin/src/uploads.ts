import type { Call } from './call.ts';
import type { Upload } from './model.ts';

/** The file of a form with one file in this field; null if the request is not such a form. */
export function fileOf(call: Call, field: string): { bytes: Buffer; mimeType: string } | null {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(call.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return null;
  const [, part = '', ...rest] = `\r\n${call.bytes.toString('latin1')}`.split(`\r\n--${boundary}`);
  const headEnd = part.indexOf('\r\n\r\n');
  if (headEnd < 0 || rest.length !== 1 || !rest[0]?.startsWith('--')) return null;
  const head = part.slice(0, headEnd);
  const names = head.toLowerCase();
  if (!names.includes(`name="${field.toLowerCase()}"`) || !names.includes('filename="')) return null;
  const mimeType = /content-type: *([^\r\n;]+)/i.exec(head)?.[1] ?? '';
  return { bytes: Buffer.from(part.slice(headEnd + 4), 'latin1'), mimeType };
}

/** The properties that a platform reads from a picture; null if the bytes are not a picture. */
export function openPicture(bytes: Buffer): Pick<Upload, 'mimeType' | 'width' | 'height'> | null {
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG' && bytes.length >= 24)
    return { mimeType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (bytes.subarray(0, 4).toString('latin1') === 'GIF8' && bytes.length >= 10)
    return { mimeType: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  if (bytes.length > 3 && bytes.readUInt16BE(0) === 0xff_d8) return { mimeType: 'image/jpeg', width: 640, height: 480 };
  if (bytes.subarray(8, 12).toString('latin1') === 'WEBP') return { mimeType: 'image/webp', width: 640, height: 480 };
  return null;
}
