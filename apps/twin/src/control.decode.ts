import type { BurstOptions } from './burst.ts';
import { findProduct } from './demo.ts';
import { callFaults, pushFaults, type CallFault, type PushFault } from './faults.ts';
import { field, isRecord, textField } from './json.ts';
import type { Change, Content, OrderItem, OrderStatus, Platform, ShopRef } from './model.ts';
import type { EchoMode } from './platform.port.ts';
import type { Changed } from './twin.port.ts';
import { platformNames } from './platform-names.generated.ts';

/** Thrown for a body that the command cannot use; the message says what is missing. */
export class BadCommand extends Error {
  override name = 'BadCommand';
}

export const echoModes: readonly EchoMode[] = ['before-answer', 'after-answer', 'off'];
export const orderStatuses: readonly OrderStatus[] = [
  'unpaid',
  'to_ship',
  'shipped',
  'delivered',
  'completed',
  'cancelled',
];

export function platformOf(body: unknown): Platform {
  return needWord(body, 'platform', platformNames);
}

export function shopOf(body: unknown): ShopRef {
  const shop = field(body, 'shop');
  return { platform: platformOf(shop), externalAccountId: needText(shop, 'externalAccountId') };
}

export function saidOf(body: unknown): { shop: ShopRef; buyer: string; content: Content; at?: Date } {
  const at = textField(body, 'at');
  if (at !== '' && Number.isNaN(Date.parse(at))) throw new BadCommand('at is not an ISO 8601 instant');
  return {
    shop: shopOf(body),
    buyer: needText(body, 'buyer'),
    content: contentOf(field(body, 'content')),
    ...(at === '' ? {} : { at: new Date(at) }),
  };
}

export function changedOf(body: unknown): Changed {
  return {
    shop: shopOf(body),
    buyer: needText(body, 'buyer'),
    messageId: needText(body, 'messageId'),
    by: needWord(body, 'by', ['buyer', 'seller']),
    change: changeOf(body),
  };
}

function changeOf(body: unknown): Change {
  const kind = needWord(body, 'kind', ['reacted', 'edited', 'deleted']);
  switch (kind) {
    case 'reacted':
      return { kind, emoji: textField(body, 'emoji') || null };
    case 'edited':
      return { kind, content: contentOf(field(body, 'content')) };
    case 'deleted':
      return { kind };
  }
}

function contentOf(content: unknown): Content {
  switch (textField(content, 'kind')) {
    case 'text':
      return { kind: 'text', text: needText(content, 'text') };
    case 'image':
      return { kind: 'image', url: needText(content, 'url'), caption: textField(content, 'caption') || null };
    case 'sticker':
      return { kind: 'sticker', stickerId: needText(content, 'stickerId') };
    case 'order':
      return { kind: 'order', externalOrderId: needText(content, 'externalOrderId') };
    case 'product':
      return { kind: 'product', externalProductId: needText(content, 'externalProductId') };
    case 'native': {
      const value = field(content, 'value');
      if (!isRecord(value)) throw new BadCommand('content.value must be an object');
      return { kind: 'native', type: needText(content, 'type'), value };
    }
    default:
      throw new BadCommand('content.kind must be text, image, sticker, order, product or native');
  }
}

export function itemsOf(items: unknown): readonly OrderItem[] | null {
  if (items === undefined) return null;
  if (!Array.isArray(items)) throw new BadCommand('items must be a list');
  return items.map((item) => {
    const product = findProduct(needText(item, 'sku'));
    if (product === null) throw new BadCommand('items contain a sku that is not in the catalogue');
    return { product, quantity: needNumber(item, 'quantity', 1, 100) };
  });
}

export function burstOf(body: unknown): BurstOptions {
  const pushedTo = textField(body, 'pushedTo');
  return {
    shop: shopOf(body),
    messages: needNumber(body, 'messages', 1, 200_000),
    duplicatesPercent: needNumber(body, 'duplicatesPercent', 0, 100),
    concurrency: needNumber(body, 'concurrency', 1, 1_000),
    ...(field(body, 'threads') === undefined ? {} : { threads: needNumber(body, 'threads', 1, 100_000) }),
    ...(pushedTo === '' ? {} : { pushedTo }),
  };
}

export function faultOf(body: unknown): CallFault | PushFault {
  return needWord(body, 'fault', [...callFaults, ...pushFaults]);
}

export function needText(value: unknown, name: string): string {
  const found = textField(value, name);
  if (found === '') throw new BadCommand(`${name} is missing`);
  return found;
}

export function needNumber(value: unknown, name: string, min: number, max: number): number {
  const found = field(value, name);
  if (typeof found === 'number' && found >= min && found <= max) return found;
  throw new BadCommand(`${name} must be a number from ${min} to ${max}`);
}

export function needWord<Word extends string>(value: unknown, name: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === textField(value, name));
  if (found === undefined) throw new BadCommand(`${name} must be one of ${words.join(', ')}`);
  return found;
}

export function optionalWord<Word extends string>(value: unknown, name: string, words: readonly Word[]): Word | null {
  return textField(value, name) === '' ? null : needWord(value, name, words);
}
