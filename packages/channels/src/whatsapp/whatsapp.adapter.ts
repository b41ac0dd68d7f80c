import type { ChannelAdapter } from '../port/index.ts';
import { connection } from './whatsapp.connection.ts';
import { send } from './whatsapp.messages.ts';
import { parseDelivery } from './whatsapp.parse.ts';
import { record } from './whatsapp.record.ts';
import { answerHandshake, verifySignature } from './whatsapp.sign.ts';

/** WhatsApp Cloud API. It pushes messages and statuses and has nothing to read back. */
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
  pictures: null,
  tokens: null,
  authorisation: null,
  sender: { send },
  lacks: {
    threads: 'The Cloud API keeps no messages that could be read back.',
    messages: 'The Cloud API keeps no messages that could be read back.',
    orders: 'WhatsApp has no orders of a shop.',
    buyers: 'The name of a buyer comes with their messages; there is nothing else to ask for.',
    pictures: 'Pictures are sent by their address.',
    tokens: 'The token of a system user has no end unless someone withdraws it.',
    authorisation:
      'A system user token is generated in the Business settings of Meta; there is no consent page for it.',
  },
};
