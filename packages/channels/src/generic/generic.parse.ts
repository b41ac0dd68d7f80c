import { createHash } from 'node:crypto';
import type { DeliveryFailure } from '@crossdesk/contracts';
import {
  type Fact,
  type ParsedDelivery,
  UnparsableDelivery,
  type WebhookAddress,
  type WebhookRequest,
} from '../port/index.ts';
import { deliveryJson, field, text, toldInstant } from '../shared/platform-json.ts';
import { changeFacts } from './generic.change.ts';
import { feedbackFacts } from './generic.feedback.ts';
import { messageFacts, messageId } from './generic.message.ts';
import { orderFacts } from './generic.order.ts';
import { required } from './generic.read.ts';

/** Reads one delivery of the contract in docs/generic-channel.md. A repeated delivery has the same `webhook-id`. */
export function parseDelivery(_address: WebhookAddress, request: WebhookRequest): ParsedDelivery {
  const body = deliveryJson(request.rawBody);
  const type = required(text(field(body, 'type')), 'type');
  const occurredAt = required(toldInstant(field(body, 'timestamp')), 'timestamp');
  const id = required(text(request.headers['webhook-id']), 'webhook-id');
  return { deliveryKey: deliveryKey(id), facts: factsOf(type, field(body, 'data'), occurredAt) };
}

const idCharactersMax = 180;

function deliveryKey(id: string): string {
  return `webhook:${id.length <= idCharactersMax ? id : createHash('sha256').update(id).digest('hex')}`;
}

function factsOf(type: string, data: unknown, occurredAt: Date): readonly Fact[] {
  switch (type) {
    case 'message.created':
      return messageFacts(data, occurredAt);
    case 'message.status':
      return [receiptOf(data, occurredAt)];
    case 'order.updated':
      return orderFacts(data);
    case 'feedback.created':
      return feedbackFacts(data, occurredAt);
    default:
      return changeFacts(type, data, occurredAt) ?? [{ type: 'ignored', platformKind: type }];
  }
}

const receiptStatuses = ['sent', 'delivered', 'read', 'failed'] as const;

/** A failed delivery may name one of these reasons; only Crossdesk itself reports the others. */
const failures: readonly DeliveryFailure[] = [
  'WINDOW_CLOSED',
  'QUOTA',
  'RECIPIENT_UNREACHABLE',
  'POLICY_BLOCKED',
  'INVALID_REQUEST',
  'UNSUPPORTED',
];

const detailCharactersMax = 200;

function receiptOf(data: unknown, occurredAt: Date): Fact {
  const externalMessageId = text(field(data, 'externalId'));
  const clientReference = text(field(data, 'clientReference'));
  if (externalMessageId === null && clientReference === null)
    throw new UnparsableDelivery('data.externalId and data.clientReference are both missing');
  const word = text(field(data, 'status'));
  const status = required(receiptStatuses.find((known) => known === word) ?? null, 'data.status');
  const reason = text(field(data, 'failure'));
  return {
    type: 'receipt',
    externalMessageId: externalMessageId === null ? null : messageId(externalMessageId),
    clientReference,
    status,
    failure: status === 'failed' ? (failures.find((known) => known === reason) ?? 'PLATFORM_ERROR') : null,
    detail: status === 'failed' ? (text(field(data, 'detail'))?.slice(0, detailCharactersMax) ?? null) : null,
    occurredAt,
  };
}
