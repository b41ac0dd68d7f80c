import { createHash } from 'node:crypto';
import type { Context } from '../platform.port.ts';
import { drawPhoto } from '../images.ts';
import { seconds, type Shop } from '../model.ts';
import type { Answer, Call } from '../call.ts';
import type { Route } from '../serve.ts';
import { whatsappError, whatsappOk, whatsappPrefix } from './whatsapp.entry.ts';

export interface Media {
  readonly id: string;
  readonly mimeType: string;
  readonly sha256: string;
  readonly bytes: Buffer;
}

/** The id encodes the name of the picture, so that a restarted twin still knows media it announced before. */
export function mediaOf(context: Context, url: string): Media {
  const name = /\/_twin\/images\/([\w-]+)\.\w+$/.exec(url)?.[1] ?? context.seed.hex(12, 'media', url);
  return mediaNamed(name);
}

function mediaNamed(name: string): Media {
  const bytes = drawPhoto(name);
  return {
    id: BigInt(`0x${Buffer.from(name).toString('hex')}`).toString(),
    mimeType: 'image/png',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes,
  };
}

export const whatsappMediaRoutes: readonly Route[] = [
  { method: 'GET', path: '/:version/:media', isSend: false, handle: describeMedia },
  { method: 'GET', path: '/media/download/:media', isSend: false, handle: downloadMedia },
];

/** Two steps as at Meta: the id gives an address, and the address needs the same token. */
function describeMedia(context: Context, shop: Shop, call: Call): Answer {
  const number = call.query.get('phone_number_id') ?? shop.externalAccountId;
  const media = number === shop.externalAccountId ? findMedia(call) : null;
  if (media === null) return whatsappError(400, 100, 'Unsupported get request', 'The media does not exist.');
  return whatsappOk({
    url: `${context.origin()}${whatsappPrefix}/media/download/${media.id}?${signedUntil(context, media.id)}`,
    mime_type: media.mimeType,
    sha256: media.sha256,
    file_size: media.bytes.length,
    id: media.id,
    messaging_product: 'whatsapp',
  });
}

const validSeconds = 300;

/** The address is valid for five minutes; Meta calls the parameters `ext` and `hash`. */
function signedUntil(context: Context, id: string): string {
  const end = String(seconds(context.clock()) + validSeconds);
  return new URLSearchParams({ ext: end, hash: context.seed.hex(32, 'whatsapp-media', id, end) }).toString();
}

function downloadMedia(context: Context, _shop: Shop, call: Call): Answer {
  const media = findMedia(call);
  const [end, hash] = [call.query.get('ext') ?? '', call.query.get('hash') ?? ''];
  const isValid =
    Number(end) > seconds(context.clock()) && hash === context.seed.hex(32, 'whatsapp-media', media?.id ?? '', end);
  if (media === null || !isValid)
    return whatsappError(404, 100, 'Unsupported get request', 'The media does not exist.');
  return { status: 200, contentType: media.mimeType, body: media.bytes };
}

function findMedia(call: Call): Media | null {
  const id = call.params['media'] ?? '';
  if (!/^\d{1,200}$/.test(id)) return null;
  const name = Buffer.from(
    BigInt(id)
      .toString(16)
      .replace(/^(?=(?:..)*.$)/, '0'),
    'hex',
  ).toString('utf8');
  return /^[\w-]+$/.test(name) ? mediaNamed(name) : null;
}
