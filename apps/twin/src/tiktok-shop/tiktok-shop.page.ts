import type { Call } from '../call.ts';

/** Page tokens are opaque to callers; "" ends the list. Null when the asked size is out of range. */
export function pageOf<Item>(
  items: readonly Item[],
  call: Call,
  sizeMax: number,
): { items: readonly Item[]; nextPageToken: string } | null {
  const size = Number(call.query.get('page_size') ?? '');
  const token = call.query.get('page_token') ?? '';
  const start = token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (!Number.isInteger(size) || size < 1 || size > sizeMax || !Number.isInteger(start)) return null;
  const end = start + size;
  const nextPageToken = items.length > end ? Buffer.from(String(end)).toString('base64url') : '';
  return { items: items.slice(start, end), nextPageToken };
}
