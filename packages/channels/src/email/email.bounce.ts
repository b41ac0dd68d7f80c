import type { DeliveryFailure } from '@crossdesk/contracts';
import type { Email } from 'postal-mime';
import type { Fact } from '../port/index.ts';
import { bytesOf, type MailFile } from './email.mime.ts';
import { headersOf, isFromMailer } from './email.kind.ts';
import { idsIn, ownId } from './email.thread.ts';

const detailCharactersMax = 200;
/** A report repeats the headers of the mail, or its whole text; what is longer is an attachment of that mail. */
const searchedCharactersMax = 200_000;

/**
 * The facts of a report about a mail: that a mail of ours failed. Null when the mail is no report. A report of a delay, or about a
 * mail that is not of ours, is only counted.
 */
export function reportFacts(own: string, email: Email, occurredAt: Date): readonly Fact[] | null {
  const [type = ''] = headersOf(email, 'content-type');
  if (type.startsWith('multipart/report') && type.includes('disposition-notification'))
    return [{ type: 'ignored', platformKind: 'mail.read-report' }];
  const statuses = email.attachments.filter(({ mimeType }) => mimeType === 'message/delivery-status');
  const isReport = statuses.length > 0 || (type.startsWith('multipart/report') && type.includes('delivery-status'));
  if (!isReport && !isFromMailer(email)) return null;
  const { action, status, diagnosis } = outcomeIn(statuses.map(textOf).join('\n\n'));
  if (action === 'delayed') return [{ type: 'ignored', platformKind: 'mail.delay' }];
  const id = ownIdIn(own, email);
  // Words of a server, or of a person with such a name, are shown.
  if (id === null && !isReport) return null;
  if (id === null) return [{ type: 'ignored', platformKind: 'mail.bounce', reason: 'error' }];
  const code = status ?? enhancedCode(email.text ?? '');
  const shared = {
    type: 'receipt',
    externalMessageId: id,
    clientReference: ownId(own, id)?.messageId ?? null,
    occurredAt,
  } as const;
  if (action !== null && action !== 'failed')
    return [{ ...shared, status: action === 'delivered' ? 'delivered' : 'sent', failure: null, detail: null }];
  const detail = (diagnosis ?? code ?? 'the mail came back').slice(0, detailCharactersMax);
  return [{ ...shared, status: 'failed', failure: failureOf(code), detail }];
}

interface Outcome {
  readonly action: string | null;
  readonly status: string | null;
  readonly diagnosis: string | null;
}

/** The fields of RFC 3464; of several receivers the first that failed counts. */
function outcomeIn(report: string): Outcome {
  const unfolded = report.replaceAll('\r', '').replaceAll(/\n[ \t]+/g, ' ');
  const blocks = unfolded.split(/\n\n+/).map((block) => new Map(block.split('\n').flatMap(fieldOf)));
  const ofReceivers = blocks.filter((fields) => fields.has('action'));
  const told = ofReceivers.find((fields) => actionIn(fields) === 'failed') ?? ofReceivers[0];
  return {
    action: told === undefined ? null : actionIn(told),
    status: enhancedCode(told?.get('status') ?? ''),
    diagnosis: told?.get('diagnostic-code')?.replace(/^\w+;\s*/, '') ?? null,
  };
}

function actionIn(fields: ReadonlyMap<string, string>): string {
  return /^[a-z]+/.exec(fields.get('action')?.toLowerCase() ?? '')?.[0] ?? '';
}

function fieldOf(line: string): readonly (readonly [string, string])[] {
  const at = line.indexOf(':');
  return at < 1 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]];
}

function enhancedCode(words: string): string | null {
  return /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(words)?.[0] ?? null;
}

/** What an enhanced status code (RFC 3463, RFC 7505) means for a reply. */
export function failureOf(code: string | null): DeliveryFailure {
  if (code === null) return 'RECIPIENT_UNREACHABLE';
  if (/^\d\.7\./.test(code)) return 'POLICY_BLOCKED';
  if (/^\d\.(?:3\.4|2\.3|6\.\d+)$/.test(code)) return 'INVALID_REQUEST';
  return 'RECIPIENT_UNREACHABLE';
}

/** The id of the mail of ours that a report names: in its own headers, or in what it repeats of the mail. */
function ownIdIn(own: string, email: Email): string | null {
  const texts = [
    ...['in-reply-to', 'references', 'x-failed-message-id'].flatMap((name) => headersOf(email, name)),
    ...email.attachments.filter(({ mimeType }) => isText(mimeType)).map(textOf),
    email.text ?? '',
    email.html ?? '',
  ];
  for (const words of texts) {
    const id = idsIn(words.slice(0, searchedCharactersMax).replaceAll(/&[lg]t;|[:"'()]/g, ' ')).find(
      (one) => ownId(own, one) !== null,
    );
    if (id !== undefined) return id;
  }
  return null;
}

function isText(mimeType: string): boolean {
  return mimeType.startsWith('message/') || mimeType.startsWith('text/');
}

function textOf(file: MailFile): string {
  return new TextDecoder().decode(bytesOf(file).subarray(0, searchedCharactersMax));
}
