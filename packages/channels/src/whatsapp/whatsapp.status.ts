import type { Fact } from '../port/index.ts';
import { field, integer, list, text, toldSeconds } from '../shared/platform-json.ts';
import { deletionOf } from './whatsapp.change.ts';
import { describeError, statusFailure } from './whatsapp.errors.ts';
import { required } from './whatsapp.required.ts';

// `played` means that a voice message was listened to, which includes read.
const receiptStatuses = new Map([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['played', 'read'],
  ['failed', 'failed'],
] as const);

/** What a status tells about a message of ours. @throws UnparsableDelivery */
export function statusFact(part: unknown): Fact {
  const externalMessageId = required(text(field(part, 'id')), 'statuses[].id');
  const word = required(text(field(part, 'status')), 'statuses[].status');
  const occurredAt = required(toldSeconds(field(part, 'timestamp')), 'statuses[].timestamp');
  if (word === 'deleted') return { type: 'change', change: deletionOf(part, externalMessageId, occurredAt) };
  const status = [...receiptStatuses].find(([platformWord]) => platformWord === word)?.[1];
  if (status === undefined) return { type: 'ignored', platformKind: `status_${word}` };
  const error = list(field(part, 'errors'))[0];
  return {
    type: 'receipt',
    externalMessageId,
    clientReference: text(field(part, 'biz_opaque_callback_data')),
    status,
    failure: status === 'failed' ? statusFailure(integer(field(error, 'code'))) : null,
    detail: status === 'failed' ? describeError(error) : null,
    occurredAt,
  };
}
