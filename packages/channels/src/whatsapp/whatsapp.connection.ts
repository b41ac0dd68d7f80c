import type { Connection } from '../port/index.ts';

export const connection: Connection = {
  credentialFields: [
    {
      name: 'access_token',
      label: 'Access token',
      isRequired: true,
      scope: 'account',
      hint: 'Business settings > System users > Generate token, with whatsapp_business_messaging and whatsapp_business_management',
    },
    {
      name: 'app_secret',
      label: 'App secret',
      isRequired: true,
      scope: 'app',
      hint: 'App dashboard > App settings > Basic',
    },
    {
      name: 'app_secret_previous',
      label: 'Previous app secret',
      isRequired: false,
      scope: 'app',
      hint: 'Only while the app secret is being reset: deliveries signed with the previous secret are still accepted',
    },
    {
      name: 'verify_token',
      label: 'Verify token',
      isRequired: true,
      scope: 'app',
      hint: 'A word you choose; Meta sends it back once when you enter the webhook address',
    },
  ],
  defaultBaseUrls: { api: 'https://graph.facebook.com', auth: 'https://graph.facebook.com' },
  setupSteps: ({ webhookUrl, credentials }) => [
    'Open the app at developers.facebook.com and choose WhatsApp > Configuration.',
    `Under Webhook press Edit, enter ${webhookUrl} as callback URL and ${credentials['verify_token'] ?? ''} as verify token, then press Verify and save.`,
    'Under Webhook fields subscribe to messages; subscribe also to smb_message_echoes if you keep using the phone app.',
    'If the app serves several numbers, set this address as the override callback URL of this number, so that each number delivers to its own address.',
    'Send a message to the number from another phone: it appears here within seconds.',
  ],
};
