import type { ChannelAdapter } from '../port/index.ts';
import { connection } from './generic.connection.ts';
import { send } from './generic.messages.ts';
import { parseDelivery } from './generic.parse.ts';
import { record } from './generic.record.ts';
import { verifySignature } from '../shared/standard-webhooks.ts';

/** The seller's own system, with Standard Webhooks in both directions. The contract is docs/generic-channel.md. */
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
  media: null,
  files: null,
  tokens: null,
  authorisation: null,
  sender: { send },
  lacks: {
    threads: 'The contract has no way to read threads: a reply is repeated with its key instead.',
    messages: 'The system pushes its messages and repeats those that were not acknowledged.',
    orders: 'The system pushes its orders.',
    buyers: 'The details of a buyer come with their messages.',
    media: 'Files have public addresses in the message.',
    files: 'Files are sent by their address.',
    tokens: 'The signing secret does not expire.',
    authorisation: 'Both sides agree on a signing secret.',
  },
};
