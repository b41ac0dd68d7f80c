import { type MessageContent, webAddress } from '@crossdesk/contracts';
import { field, list, text } from '../shared/platform-json.ts';

const platformKindCharactersMax = 100;

/** Hosts for pictures that come as ids only, by the region of the message. */
const cdnDomains: Readonly<Record<string, string>> = {
  SG: 'sg',
  ID: 'co.id',
  MY: 'com.my',
  TH: 'co.th',
  VN: 'vn',
  PH: 'ph',
  TW: 'tw',
  BR: 'com.br',
};

/** The content of a message in our format; one of an unknown kind, or without its main part, is `unsupported`. */
export function readContent(platformKind: string, content: unknown, region: string | null): MessageContent {
  return (
    knownContent(platformKind, content, region) ?? {
      kind: 'unsupported',
      platformKind: platformKind.slice(0, platformKindCharactersMax),
    }
  );
}

function knownContent(platformKind: string, content: unknown, region: string | null): MessageContent | null {
  switch (platformKind) {
    case 'text':
    case 'faq_liveagent':
      return words(field(content, 'text'));
    case 'image':
    case 'image_with_text':
      return picture(content, region);
    case 'video':
      return media('video', text(field(content, 'video_url')), text(field(content, 'thumb_url')), region, null);
    case 'sticker': {
      const id = stickerId(content);
      return id === null ? null : { kind: 'sticker', stickerId: id, url: null };
    }
    case 'item': {
      const externalProductId = text(field(content, 'item_id'));
      return externalProductId === null ? null : { kind: 'product', externalProductId, title: null, imageUrl: null };
    }
    case 'order': {
      const externalOrderId = text(field(content, 'order_sn'));
      return externalOrderId === null ? null : { kind: 'order', externalOrderId };
    }
    case 'bundle_message': {
      const ids = list(field(content, 'messages')).map(text);
      const externalMessageIds = ids.filter((id) => id !== null);
      return externalMessageIds.length === 0 ? null : { kind: 'bundle', externalMessageIds };
    }
    case 'voucher': {
      // UNVERIFIED: the shape is not documented; these are the names of vouchers in other calls.
      const names = ['voucher_id', 'voucher_code', 'promotion_id'];
      const [externalCouponId] = names.map((name) => text(field(content, name))).filter((id) => id !== null);
      const title = text(field(content, 'voucher_name'));
      return externalCouponId === undefined ? null : { kind: 'coupon', externalCouponId, title };
    }
    case 'notification': {
      const line = text(field(content, 'text'));
      return line === null ? null : { kind: 'system', text: line };
    }
    default:
      return null;
  }
}

/** The full address of a picture; an id becomes an address if the region tells the host. */
export function cdnUrl(urlOrId: string | null, region: string | null): string | null {
  if (urlOrId === null || /^https?:\/\//i.test(urlOrId)) return webAddress(urlOrId);
  const domain = cdnDomains[region?.toUpperCase() ?? ''];
  return domain === undefined ? null : `https://cf.shopee.${domain}/file/${encodeURIComponent(urlOrId)}`;
}

/** Shopee needs two ids to send a sticker: we keep both in one text. */
export function splitStickerId(id: string): { packageId: string; stickerId: string } | null {
  const [packageId = '', sticker = '', ...rest] = id.split('/');
  return packageId === '' || sticker === '' || rest.length > 0 ? null : { packageId, stickerId: sticker };
}

function stickerId(content: unknown): string | null {
  const [packageId, sticker] = [text(field(content, 'sticker_package_id')), text(field(content, 'sticker_id'))];
  return packageId === null || sticker === null ? sticker : `${packageId}/${sticker}`;
}

/** Pictures of buyers have `url`; echoes of our own pictures have `image_url`. */
function picture(content: unknown, region: string | null): MessageContent | null {
  const source = text(field(content, 'url')) ?? text(field(content, 'image_url'));
  return media('image', source, text(field(content, 'thumb_url')), region, text(field(content, 'text')));
}

function media(
  kind: 'image' | 'video',
  source: string | null,
  thumbnail: string | null,
  region: string | null,
  caption: string | null,
): MessageContent | null {
  if (source === null) return caption === null ? null : { kind: 'text', text: caption };
  const url = cdnUrl(source, region);
  const thumbnailUrl = cdnUrl(thumbnail, region);
  const mediaId = webAddress(source) === null ? source : null;
  return { kind, url, thumbnailUrl, mediaId, mimeType: null, fileName: null, caption };
}

/** The text of a person, not trimmed or coerced; an empty text is valid. */
function words(value: unknown): MessageContent | null {
  return typeof value === 'string' ? { kind: 'text', text: text(value) ?? '' } : null;
}
