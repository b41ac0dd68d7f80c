import PostalMime, { addressParser, type Attachment, type Email } from 'postal-mime';
import { UnparsableDelivery } from '../port/index.ts';
import { mergedWords } from './email.encoded-words.ts';

export type MailFile = Pick<Attachment, 'content' | 'mimeType'>;

/** Deeper and longer than any program writes. A hostile mail must not keep the process busy. */
const limits = { maxNestingDepth: 50, maxHeadersSize: 512 * 1024, forceRfc822Attachments: true } as const;

/**
 * More lines than people and their files have: a file has lines of 76 characters. Reading takes 10 microseconds a line, in
 * which the process does nothing else.
 */
const linesOfWordsMax = 40_000;
const bytesOfFileLine = 76;

/** Reads the parts of a mail. @throws UnparsableDelivery */
export async function readMail(bytes: Uint8Array): Promise<Email> {
  if (linesIn(bytes) > linesOfWordsMax + bytes.length / bytesOfFileLine)
    throw new UnparsableDelivery(`the mail has more than ${linesOfWordsMax} lines besides its files`);
  try {
    return withWholeName(await PostalMime.parse(bytes, limits));
  } catch (cause) {
    throw new UnparsableDelivery('the parts of the mail are nested too deeply, or its headers are too long', { cause });
  }
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/** The name of the sender is read again if its encoded words were cut within a character. */
function withWholeName(email: Email): Email {
  if (email.from?.name.includes('\ufffd') !== true) return email;
  const [from] = addressParser(mergedWords(email.headers.find(({ key }) => key === 'from')?.value ?? ''));
  return from === undefined ? email : { ...email, from };
}

/** The decoded bytes of a part. */
export function bytesOf({ content }: MailFile): Uint8Array<ArrayBuffer> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return new Uint8Array(content);
}

const partId = /^part:(\d{1,5})$/;

export function idOfPart(index: number): string {
  return `part:${index}`;
}

/** The file of a message, read again from the mail that brought it; null when the mail has no such part. */
export async function extractFile(mail: Uint8Array, mediaId: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const index = partId.exec(mediaId)?.[1];
  if (index === undefined || mail.length === 0) return null;
  const { attachments } = await readMail(mail);
  const file = attachments[Number(index)];
  return file === undefined ? null : bytesOf(file);
}

const pictures: readonly (readonly [string, string])[] = [
  ['ffd8ff', 'image/jpeg'],
  ['89504e470d0a1a0a', 'image/png'],
  ['474946383761', 'image/gif'],
  ['474946383961', 'image/gif'],
];

/** The type of a picture that browsers show, by its first bytes: programs often name no type or a wrong one. */
export function pictureType(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12));
  const hex = head.toString('hex');
  if (hex.startsWith('52494646') && head.toString('latin1', 8, 12) === 'WEBP') return 'image/webp';
  return pictures.find(([start]) => hex.startsWith(start))?.[1] ?? null;
}
