import { type Channel, type MessageContent, type MessageKind, textOf } from './channels.ts';

export interface PictureLimits {
  readonly bytesMax: number;
  readonly mimeTypes: readonly string[];
}

/** What a channel can do: checked before a reply is accepted, so that a refusal comes at once and with a reason. */
export interface Capabilities {
  /**
   * keyed: the platform executes one key once, a repeat is safe. readable: the thread can be read back to learn the
   * outcome. opaque: an unknown outcome needs a person (or a late receipt).
   */
  readonly effectClass: 'keyed' | 'readable' | 'opaque';
  readonly receives: readonly MessageKind[];
  readonly sends: readonly MessageKind[];
  /** UTF-16 units: the strictest way to count, so that no platform refuses what passes here. */
  readonly textCharactersMax: number;
  /** Which pictures the channel takes; null where nothing is known to limit them, or none can be sent. */
  readonly pictures: PictureLimits | null;
  /** Hours after the last message of the buyer in which a free-form reply is allowed; null = no window. */
  readonly replyWindowHours: number | null;
  readonly sendsPerSecondMax: number;
  readonly sendsPerDayMax: number | null;
  /** The finest step of the platform's message times: 1000 where it tells whole seconds. */
  readonly timeStepMs: number;
  /** Longest time the platform may take to show a message it accepted; an absence is believed only after it. */
  readonly readBackSettleMs: number;
  readonly reportsDelivered: boolean;
  readonly reportsRead: boolean;
  readonly pollsMessages: boolean;
  readonly pollsOrders: boolean;
}

/** The capability record of every channel: the one source for whoever accepts replies and whoever sends them. */
export const channelCapabilities: Readonly<Record<Channel, Capabilities>> = {
  shopee: {
    effectClass: 'readable',
    receives: ['text', 'image', 'video', 'sticker', 'order', 'product', 'unsupported'],
    sends: ['text', 'image', 'sticker', 'order', 'product'],
    // UNVERIFIED: Shopee publishes no limit of a chat text; this is ours, cautious.
    textCharactersMax: 1_000,
    pictures: { bytesMax: 2 * 1024 * 1024, mimeTypes: ['image/jpeg', 'image/png', 'image/gif'] },
    // UNVERIFIED: no reply window is published.
    replyWindowHours: null,
    // UNVERIFIED: Shopee publishes no quota; error_rate_limit decides.
    sendsPerSecondMax: 2,
    sendsPerDayMax: null,
    timeStepMs: 1_000,
    // UNVERIFIED: nothing is published on how soon get_message shows a message it accepted.
    readBackSettleMs: 120_000,
    reportsDelivered: false,
    reportsRead: false,
    pollsMessages: true,
    pollsOrders: true,
  },
  'tiktok-shop': {
    effectClass: 'readable',
    receives: ['text', 'image', 'video', 'sticker', 'order', 'product', 'system', 'unsupported'],
    sends: ['text', 'image', 'order', 'product'],
    textCharactersMax: 2_000,
    pictures: { bytesMax: 10 * 1024 * 1024, mimeTypes: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] },
    // Whether a shop may write also depends on orders and returns of the buyer: the platform decides (45109001).
    replyWindowHours: null,
    sendsPerSecondMax: 50,
    // Reads of customer service count too; 45101004 tells when the day's quota is used.
    sendsPerDayMax: 10_000,
    timeStepMs: 1_000,
    // UNVERIFIED: nothing is published on how soon the list shows a message it accepted.
    readBackSettleMs: 120_000,
    reportsDelivered: false,
    reportsRead: false,
    pollsMessages: true,
    pollsOrders: true,
  },
  whatsapp: {
    effectClass: 'opaque',
    receives: ['text', 'image', 'video', 'audio', 'file', 'sticker', 'location', 'system', 'unsupported'],
    sends: ['text', 'image', 'video', 'audio', 'file', 'sticker'],
    textCharactersMax: 4_096,
    pictures: { bytesMax: 5 * 1024 * 1024, mimeTypes: ['image/jpeg', 'image/png'] },
    replyWindowHours: 24,
    // The default throughput of a number; UNVERIFIED.
    sendsPerSecondMax: 80,
    sendsPerDayMax: null,
    timeStepMs: 1_000,
    readBackSettleMs: 0,
    reportsDelivered: true,
    reportsRead: true,
    pollsMessages: false,
    pollsOrders: false,
  },
  generic: {
    effectClass: 'keyed',
    receives: ['text', 'image', 'video', 'audio', 'file', 'unsupported'],
    sends: ['text', 'image', 'video', 'audio', 'file', 'sticker', 'order', 'product', 'location'],
    textCharactersMax: 10_000,
    pictures: null,
    replyWindowHours: null,
    sendsPerSecondMax: 20,
    sendsPerDayMax: null,
    timeStepMs: 1,
    readBackSettleMs: 0,
    reportsDelivered: true,
    reportsRead: true,
    pollsMessages: false,
    pollsOrders: false,
  },
};

/** Until when a free-form reply goes through; null without a window or before the buyer's first message. */
export function replyWindowClosesAt({ replyWindowHours }: Capabilities, lastInboundAt: Date | null): Date | null {
  if (replyWindowHours === null || lastInboundAt === null) return null;
  return new Date(lastInboundAt.getTime() + replyWindowHours * 3_600_000);
}

/** Why a channel takes a reply neither now nor later as it is. */
export type SendProblem =
  | { readonly code: 'KIND_NOT_SUPPORTED'; readonly kind: MessageKind }
  | { readonly code: 'TEXT_TOO_LONG'; readonly characters: number; readonly charactersMax: number }
  | { readonly code: 'WINDOW_CLOSED'; readonly hours: number };

/** What stands in the way of a reply, as far as the capability record tells; null when nothing does. */
export function findSendProblem(
  capabilities: Capabilities,
  reply: { readonly content: MessageContent; readonly lastInboundAt: Date | null },
  now: Date,
): SendProblem | null {
  const { sends, textCharactersMax: charactersMax, replyWindowHours: hours } = capabilities;
  const { content, lastInboundAt } = reply;
  if (!sends.includes(content.kind)) return { code: 'KIND_NOT_SUPPORTED', kind: content.kind };
  const characters = textOf(content)?.length ?? 0;
  if (characters > charactersMax) return { code: 'TEXT_TOO_LONG', characters, charactersMax };
  if (hours === null) return null;
  const closesAt = replyWindowClosesAt(capabilities, lastInboundAt);
  return closesAt !== null && now < closesAt ? null : { code: 'WINDOW_CLOSED', hours };
}
