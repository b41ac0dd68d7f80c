import type { ChannelAdapter } from '../port/index.ts';
import { connection } from './generic.connection.ts';
import { send } from './generic.messages.ts';
import { parseDelivery } from './generic.parse.ts';
import { record } from './generic.record.ts';
import { verifySignature } from './generic.sign.ts';

/** A system of the seller's own, by Standard Webhooks in both directions. The contract is docs/generic-channel.md. */
export const adapter: ChannelAdapter = {
  record,
  connection,
  webhooks: {
    methods: ['POST'],
    handshake: () => null,
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
    threads: 'The contract has no reading of threads: a reply is repeated under its key instead.',
    messages: 'The system pushes its messages and repeats what was not acknowledged.',
    orders: 'The system pushes its orders.',
    buyers: 'What is known of a buyer comes with their messages.',
    pictures: 'Pictures are sent by their address.',
    tokens: 'The signing secret has no end.',
    authorisation: 'Both sides agree on a signing secret.',
  },
};
