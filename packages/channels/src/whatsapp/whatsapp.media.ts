import {
  type FileAddress,
  type OutgoingFile,
  type PlatformContext,
  PlatformRefusal,
  type UploadOutcome,
} from '../port/index.ts';
import { toRefusal, toUploadOutcome } from '../shared/platform-error.ts';
import { answerJson, field, integer, text } from '../shared/platform-json.ts';
import { classifyError } from './whatsapp.errors.ts';
import { graphApiVersion, tokenHeader } from './whatsapp.messages.ts';

/** Hosts of Meta that serve media. The answer names one of them; the token goes to no other host. */
const mediaHosts = /^(?:[a-z0-9-]+\.)*(?:fbsbx\.com|fbcdn\.net|facebook\.com|whatsapp\.net)$/;
/** Graph's code for an object that does not exist, or no longer. */
const unknownObjectCode = 100;

/** Asks for the address of a file, which is valid for five minutes (UNVERIFIED). */
export async function locateMedia(context: PlatformContext, mediaId: string): Promise<FileAddress | null> {
  const { account } = context;
  const query = new URLSearchParams({ phone_number_id: account.externalAccountId });
  const response = await context.call({
    method: 'GET',
    url: `${account.baseUrls.api}/${graphApiVersion}/${encodeURIComponent(mediaId)}?${query.toString()}`,
    headers: tokenHeader(account),
    body: null,
  });
  const answer = answerJson(response.body);
  if (response.status === 404 || integer(field(answer, 'error', 'code')) === unknownObjectCode) return null;
  if (response.status !== 200) throw toRefusal(classifyError(response, context.now()));
  const url = text(field(answer, 'url'));
  if (url === null || !URL.canParse(url))
    throw new PlatformRefusal('unavailable', 'WhatsApp answered without the address of the media');
  return { url, headers: isOfPlatform(new URL(url), account.baseUrls.api) ? tokenHeader(account) : {} };
}

function isOfPlatform(url: URL, apiBaseUrl: string): boolean {
  return url.origin === new URL(apiBaseUrl).origin || (url.protocol === 'https:' && mediaHosts.test(url.hostname));
}

/** Uploads a file to WhatsApp; a message then names it by its id. */
export async function uploadMedia(context: PlatformContext, file: OutgoingFile): Promise<UploadOutcome> {
  const { account } = context;
  const fields = { messaging_product: 'whatsapp', type: file.mimeType };
  const response = await context.call({
    method: 'POST',
    url: `${account.baseUrls.api}/${graphApiVersion}/${encodeURIComponent(account.externalAccountId)}/media`,
    headers: tokenHeader(account),
    body: null,
    file: { field: 'file', fields, file },
  });
  if (response.status !== 200) return toUploadOutcome(classifyError(response, context.now()));
  const mediaId = text(field(answerJson(response.body), 'id'));
  if (mediaId === null) return { status: 'retry', afterMs: 0, detail: 'WhatsApp accepted the file but gave no id' };
  return { status: 'uploaded', file: { url: null, mediaId, width: null, height: null } };
}
