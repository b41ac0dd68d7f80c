import { luminaProducts } from '../catalogue.ts';
import type { Messages, SimulatedPlatform } from '../platform.port.ts';
import { emailCredentials } from './email.account.ts';
import { mailboxAddress, openMailboxes } from './email.mailbox.ts';
import { emailPush, emailReceiver } from './email.push.ts';
import { mailServerAddress, openMailServer } from './email.server.ts';

const messages: Messages = {
  // A mailbox has no threads: mails refer to each other.
  threadId: (seed, shop, buyer) => `mails-${seed.digits(10, 'email-thread', shop.externalAccountId, buyer.key)}`,
  messageId: (sequence) => `${sequence}@mail.example`,
  pushes: {
    message: emailPush,
    // What the server took stands in no mailbox of the store, and a mail cannot be changed.
    echoes: null,
    change: null,
    receipts: null,
  },
};

export const platform: SimulatedPlatform = {
  name: 'email',
  prefixes: { api: '/email', auth: '/email' },
  addresses: (context) => ({ api: mailServerAddress(context), auth: mailServerAddress(context) }),
  accountIds: { pattern: /^[a-z\d][a-z\d.-]{0,63}@[a-z\d][a-z\d.-]{0,189}$/, form: 'a mail address in lower case' },
  demoShops: [
    {
      externalAccountId: 'service@lumina-home.example',
      name: 'Lumina Post',
      region: 'DE',
      products: luminaProducts,
      orders: 0,
    },
  ],
  credentials: (context, shop) => ({ ...emailCredentials(context, shop), imap_server: mailboxAddress(context) }),
  buyerId(seed, shop, key) {
    const address = `buyer${seed.digits(10, 'email-buyer', shop.externalAccountId, key)}@mail.example`;
    return { externalId: address, commerceId: address };
  },
  messages,
  // Nothing is sold by mail.
  orders: null,
  register(app, context) {
    openMailServer(app, context);
    openMailboxes(app, context);
  },
  handshake: null,
  // Mails are sent by SMTP.
  caller: null,
  receiver: emailReceiver,
};
