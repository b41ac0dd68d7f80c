import type { Connection } from '../port/index.ts';
import { secretProblem } from '../shared/credential-rules.ts';

export const connection: Connection = {
  credentialFields: [
    {
      name: 'signing_secret',
      label: 'Signing secret',
      isRequired: true,
      scope: 'account',
      problemOf: secretProblem,
      hint: 'whsec_ and 24 to 64 random bytes in base64; the same secret signs both directions',
    },
    {
      name: 'signing_secret_previous',
      label: 'Previous signing secret',
      isRequired: false,
      scope: 'account',
      problemOf: secretProblem,
      hint: 'Only while the secret is being replaced: deliveries signed with either secret are accepted',
    },
  ],
  // There is no default address: each account has its own.
  defaultBaseUrls: { api: '', auth: '' },
  setupSteps: ({ webhookUrl }) => [
    'Create a signing secret: whsec_ followed by 24 to 64 random bytes in base64. Keep it in your system and enter it here.',
    `Let your system post message.created, message.status and order.updated to ${webhookUrl}, signed according to Standard Webhooks.`,
    'Enter the https address of your system that accepts message.outbound as the API base URL. It has to answer 2xx within the time-out and ignore a webhook-id that it already has.',
    'Send a first message.created: it appears here at once.',
  ],
};
