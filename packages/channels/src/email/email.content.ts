import type { MessageContent } from '@crossdesk/contracts';
import type { Attachment, Email } from 'postal-mime';
import { text } from '../shared/platform-json.ts';
import { headersOf } from './email.kind.ts';
import { bytesOf, idOfPart, pictureType } from './email.mime.ts';
import { calendarLine, type MailWords, subjectOf } from './email.words.ts';

/** More files than a person attaches; the rest is in the kept mail. */
const filesMax = 50;

/** What only programs read: proofs of signatures, and the parts of reports. */
const unseen = new Set([
  'application/pkcs7-signature',
  'application/x-pkcs7-signature',
  'application/pgp-signature',
  'application/pgp-keys',
  'message/delivery-status',
  'message/disposition-notification',
  'text/rfc822-headers',
]);

/**
 * The contents of a mail, its words first: each file is a message of its own. A mail without words shows its subject, or what its
 * calendar says; an encrypted one is `unsupported`.
 */
export function contentsOf(email: Email, words: MailWords): readonly MessageContent[] {
  if (isEncrypted(email)) return [{ kind: 'unsupported', platformKind: 'encrypted' }];
  const files = email.attachments.flatMap((file, index) => (isShown(file, words) ? [fileContent(file, index)] : []));
  const said = text(words.fresh) ?? calendarIn(email) ?? (files.length === 0 ? subjectOf(email) : null);
  const contents = [...(said === null ? [] : [{ kind: 'text', text: said } as const]), ...files.slice(0, filesMax)];
  return contents.length === 0 ? [{ kind: 'unsupported', platformKind: 'empty' }] : contents;
}

function isEncrypted(email: Email): boolean {
  const [type = ''] = headersOf(email, 'content-type');
  return /^multipart\/encrypted\b/.test(type) || /^application\/(?:x-)?pkcs7-mime\b/.test(type);
}

/** A picture within the repeated mail came with that mail already. */
function isShown(file: Attachment, { images }: MailWords): boolean {
  if (unseen.has(file.mimeType)) return false;
  const contentId = file.contentId?.replaceAll(/[<>\s]/g, '');
  if (contentId === undefined || contentId === '' || images === null || file.disposition === 'attachment') return true;
  return file.related !== true || images.includes(contentId);
}

function fileContent(file: Attachment, index: number): MessageContent {
  const picture = pictureType(bytesOf(file));
  const [family] = file.mimeType.split('/');
  const kind = picture !== null ? 'image' : family === 'video' || family === 'audio' ? family : 'file';
  return {
    kind,
    url: null,
    thumbnailUrl: null,
    mediaId: idOfPart(index),
    mimeType: picture ?? text(file.mimeType),
    fileName: text(file.filename) ?? nameOf(file),
    caption: null,
  };
}

function nameOf({ mimeType }: Attachment): string | null {
  if (mimeType === 'message/rfc822') return 'mail.eml';
  return mimeType === 'text/calendar' ? 'invitation.ics' : null;
}

function calendarIn({ attachments }: Email): string | null {
  const calendar = attachments.find(({ mimeType }) => mimeType === 'text/calendar');
  return calendar === undefined ? null : text(calendarLine(new TextDecoder().decode(bytesOf(calendar))));
}
