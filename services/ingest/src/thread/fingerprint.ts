import type { MessageContent } from '@crossdesk/contracts';
import { createHash } from 'node:crypto';

/**
 * Equal for equal content, whatever spaces or media addresses the platform uses. Media are compared by kind alone:
 * platforms give uploads new addresses.
 */
export function fingerprintOf(content: MessageContent): string {
  return createHash('sha256').update(essenceOf(content)).digest('base64url');
}

function essenceOf(content: MessageContent): string {
  switch (content.kind) {
    case 'text':
    case 'system':
      return `text ${content.text.normalize('NFKC').replace(/\s+/g, ' ').trim()}`;
    case 'order':
      return `order ${content.externalOrderId}`;
    case 'product':
      return `product ${content.externalProductId}`;
    default:
      return content.kind;
  }
}
