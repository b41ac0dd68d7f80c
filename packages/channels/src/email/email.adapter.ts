import type { ChannelAdapter } from '../port/index.ts';
import { verifySignature } from '../shared/standard-webhooks.ts';
import { connection } from './email.connection.ts';
import { waiting } from './email.mailbox.ts';
import { extractFile } from './email.mime.ts';
import { parseDelivery } from './email.parse.ts';
import { record } from './email.record.ts';
import { send } from './email.send.ts';
import { tokens } from './email.token.ts';

/** A mailbox: mails are posted as they are and answered by SMTP. */
export const adapter: ChannelAdapter = {
  record,
  connection,
  webhooks: {
    methods: ['POST'],
    handshake: () => null,
    verify: async (address, request) => verifySignature(address, request),
    parse: parseDelivery,
    waiting,
    acknowledgement: null,
  },
  threads: null,
  messages: null,
  orders: null,
  buyers: null,
  media: { from: 'delivery', extract: extractFile },
  files: null,
  tokens,
  authorisation: null,
  sender: { needs: ['file', 'answered'], send },
  lacks: {
    threads: 'A mailbox has no threads that could be read back: a mail is repeated with its id instead.',
    messages: 'Mails are posted as they arrive, or fetched from the mailbox.',
    orders: 'Mail has no orders.',
    buyers: 'The name and the address of a buyer stand in their mails.',
    files: 'Files are part of the mail.',
    authorisation: 'A password or tokens of the provider are entered.',
  },
};
