import type { ChannelAdapter } from '../port/index.ts';
import { connection } from './whatsapp.connection.ts';
import { locateMedia, uploadMedia } from './whatsapp.media.ts';
import { send } from './whatsapp.messages.ts';
import { parseDelivery } from './whatsapp.parse.ts';
import { record } from './whatsapp.record.ts';
import { answerHandshake, verifySignature } from './whatsapp.sign.ts';

/** The WhatsApp Cloud API. It pushes messages and statuses; messages cannot be read back. */
export const adapter: ChannelAdapter = {
  record,
  connection,
  webhooks: {
    methods: ['POST'],
    handshake: answerHandshake,
    verify: async (address, request) => verifySignature(address, request),
    parse: parseDelivery,
    acknowledgement: null,
  },
  threads: null,
  messages: null,
  orders: null,
  buyers: null,
  media: { from: 'platform', locate: locateMedia },
  files: { takesAddresses: true, upload: uploadMedia },
  tokens: null,
  authorisation: null,
  sender: { send },
  lacks: {
    threads: 'The Cloud API stores no messages that could be read back.',
    messages: 'The Cloud API stores no messages that could be read back.',
    orders: 'WhatsApp has no orders.',
    buyers: 'The name of a buyer comes with their messages; WhatsApp has no other details.',
    tokens: 'The token of a system user does not expire, but it can be withdrawn.',
    authorisation:
      'A system user token is generated in the Business settings of Meta; there is no consent page for it.',
  },
};
