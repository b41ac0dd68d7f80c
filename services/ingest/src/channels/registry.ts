import type { Channel } from '@crossdesk/contracts';
import type { ChannelAdapter } from '../channel/channel.port.ts';
import { generic } from './generic/generic.adapter.ts';
import { shopee } from './shopee/shopee.adapter.ts';
import { tiktokShop } from './tiktok-shop/tiktok-shop.adapter.ts';
import { whatsapp } from './whatsapp/whatsapp.adapter.ts';

/** Every channel has its adapter; a new channel is a new line here and a new folder. */
export const adapters: Readonly<Record<Channel, ChannelAdapter>> = {
  shopee,
  'tiktok-shop': tiktokShop,
  whatsapp,
  generic,
};
