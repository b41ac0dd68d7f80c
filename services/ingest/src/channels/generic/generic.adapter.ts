import { channelCapabilities } from '@crossdesk/contracts';
import { type ChannelAdapter, PlatformRefusal } from '../../channel/channel.port.ts';
import { sendMessage } from './generic.messages.ts';
import { parseDelivery } from './generic.parse.ts';
import { verifySignature } from './generic.sign.ts';

/** A system of the seller's own, by Standard Webhooks in both directions. The contract is docs/generic-channel.md. */
export const generic: ChannelAdapter = {
  channel: 'generic',
  capabilities: channelCapabilities.generic,
  credentialFields: [
    {
      name: 'signing_secret',
      label: 'Signing secret',
      isRequired: true,
      hint: 'whsec_ and 24 to 64 random bytes in base64; the same secret signs both directions',
    },
    {
      name: 'signing_secret_previous',
      label: 'Previous signing secret',
      isRequired: false,
      hint: 'Only while the secret is being replaced: deliveries signed with either are accepted',
    },
  ],
  // There is no usual address: each account brings its own.
  defaultBaseUrls: { api: '', auth: '' },
  setupSteps: ({ webhookUrl }) => [
    'Make a signing secret: whsec_ followed by 24 to 64 random bytes in base64. Keep it in your system and enter it here.',
    `Let your system post message.created, message.status and order.updated to ${webhookUrl}, signed after Standard Webhooks.`,
    'Enter the https address of your system that takes message.outbound as API base URL. It has to answer 2xx within the time-out and drop a webhook-id it already has.',
    'Post a first message.created: it appears here at once.',
  ],
  handshake: () => null,
  verify: verifySignature,
  parse: parseDelivery,
  send: sendMessage,
  uploadPicture: null,
  listThread: async () => [],
  listMessages: async () => ({ items: [], cursor: '', hasMore: false }),
  listOrders: async () => ({ items: [], cursor: '', hasMore: false }),
  fetchOrder: async () => null,
  fetchBuyer: async () => null,
  credentialsExpireAt: () => null,
  refreshCredentials: async () => {
    throw new PlatformRefusal(
      'permanent',
      'agree on a new signing secret with the receiver and connect the account again',
    );
  },
};
