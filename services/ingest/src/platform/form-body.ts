import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FormFile } from '@crossdesk/channels/adapters';

export interface FormBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** A form with one file, whose bytes are read while it is sent. */
export function formBody({ field, fields = {}, file }: FormFile): FormBody {
  const boundary = `crossdesk-${randomBytes(16).toString('hex')}`;
  const head = Buffer.from(
    [
      ...Object.entries(fields).map(([name, value]) => `${partHead(boundary, name)}\r\n\r\n${value}\r\n`),
      `${partHead(boundary, field)}; filename="${asciiName(file.fileName)}"\r\nContent-Type: ${file.mimeType}\r\n\r\n`,
    ].join(''),
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* parts() {
    yield head;
    yield* file.open();
    yield tail;
  }
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + file.bytes + tail.length),
    },
    body: Readable.from(parts(), { objectMode: false }),
  };
}

function partHead(boundary: string, name: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
}

/** Servers differ in how they read other characters; the name that buyers see is part of the message. */
function asciiName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/g, '_');
}
