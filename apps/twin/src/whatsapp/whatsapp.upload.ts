import type { Answer, Call } from '../call.ts';
import type { Shop } from '../model.ts';
import type { Context } from '../platform.port.ts';
import type { Route } from '../serve.ts';
import { formOf, openPicture } from '../uploads.ts';
import { whatsappError, whatsappOk } from './whatsapp.entry.ts';

export const whatsappUploadRoutes: readonly Route[] = [
  { method: 'POST', path: '/:version/:phone/media', isSend: false, handle: uploadMedia },
];

/** Where the twin shows what was uploaded. */
const prefix = '/_twin/uploads/';
const megabyte = 1_048_576;
const office = 'application/vnd.openxmlformats-officedocument';

/** The largest size of each type that the Cloud API accepts. */
const bytesMax: Readonly<Record<string, number>> = {
  ...types(16 * megabyte, 'audio/aac', 'audio/mp4', 'audio/mpeg', 'audio/amr', 'audio/ogg', 'video/mp4', 'video/3gpp'),
  ...types(5 * megabyte, 'image/jpeg', 'image/png'),
  ...types(500 * 1_024, 'image/webp'),
  ...types(100 * megabyte, 'text/plain', 'application/pdf', 'application/msword', 'application/vnd.ms-excel'),
  ...types(100 * megabyte, 'application/vnd.ms-powerpoint', `${office}.wordprocessingml.document`),
  ...types(100 * megabyte, `${office}.spreadsheetml.sheet`, `${office}.presentationml.presentation`),
};

function types(bytes: number, ...names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, bytes]));
}

/** Takes a form with product, type and file, and answers the id that a message names. */
function uploadMedia(context: Context, _shop: Shop, call: Call): Answer {
  const form = formOf(call);
  const file = form?.get('file');
  const field = (name: string) => form?.get(name)?.bytes.toString('utf8') ?? '';
  if (field('messaging_product') !== 'whatsapp') return invalid('messaging_product must be "whatsapp".');
  if (file?.isFile !== true || file.bytes.length === 0) return invalid('file is required.');
  const type = field('type');
  const max = bytesMax[type];
  if (max === undefined || file.mimeType !== type)
    return invalid(`Param file must be a file with one of the types, not "${type}".`);
  if (file.bytes.length > max)
    return whatsappError(400, 131053, 'Media upload error', `The file is over ${max} bytes.`);
  const picture = type.startsWith('image/') ? openPicture(file.bytes) : null;
  if (type.startsWith('image/') && picture?.mimeType !== type)
    return whatsappError(400, 131053, 'Media upload error', 'The bytes are not of the type.');
  const { width, height } = picture ?? { width: 0, height: 0 };
  const path = context.world.addUpload({ bytes: file.bytes, mimeType: type, width, height });
  return whatsappOk({ id: path.slice(prefix.length) });
}

/** The address of an uploaded file at the twin; null for an unknown id. */
export function uploadedUrl(context: Context, id: string): string | null {
  return context.world.uploads.has(`${prefix}${id}`) ? `${context.origin()}${prefix}${id}` : null;
}

function invalid(details: string): Answer {
  return whatsappError(400, 100, 'Invalid parameter', details);
}
