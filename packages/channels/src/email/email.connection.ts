import type { Connection } from '../port/index.ts';
import { instantProblem, secretProblem } from '../shared/credential-rules.ts';
import { accountIdProblem } from './email.address.ts';
import { mailboxProblem } from './email.mailbox.ts';

const account = { isRequired: false, scope: 'account' } as const;

export const connection: Connection = {
  credentialFields: [
    {
      name: 'signing_secret',
      label: 'Signing secret',
      isRequired: true,
      scope: 'account',
      problemOf: secretProblem,
      hint: 'whsec_ and 24 to 64 random bytes in base64; whatever posts mails here signs them with it',
    },
    {
      ...account,
      name: 'signing_secret_previous',
      label: 'Previous signing secret',
      problemOf: secretProblem,
      hint: 'Only while the secret is being replaced: deliveries signed with either secret are accepted',
    },
    {
      ...account,
      name: 'smtp_user',
      label: 'User of the mail server',
      hint: 'Usually the mail address; leave it out for the address of the account',
    },
    {
      ...account,
      name: 'smtp_password',
      label: 'Password of the mail server',
      hint: 'With a second factor it is a password for one program (app password) of your provider',
    },
    {
      ...account,
      name: 'imap_server',
      label: 'Server of the mailbox',
      problemOf: mailboxProblem,
      hint: 'Where incoming mails are fetched from, such as imaps://imap.example.com:993; leave it out if they are posted to the webhook address',
    },
    {
      ...account,
      name: 'imap_folder',
      label: 'Folder of the mailbox',
      hint: 'The folder that is read; leave it out for INBOX. Nothing in it is marked or moved',
    },
    {
      ...account,
      name: 'access_token',
      label: 'Access token (XOAUTH2)',
      hint: 'Instead of a password, for Gmail with https://mail.google.com/ or Microsoft 365 with SMTP.Send',
    },
    {
      ...account,
      name: 'refresh_token',
      label: 'Refresh token',
      hint: 'With it the access token is renewed at the authorisation base URL, such as https://oauth2.googleapis.com/token',
    },
    {
      ...account,
      name: 'client_id',
      label: 'Client id',
      hint: 'Of the program at Google or Microsoft that got the tokens',
    },
    { ...account, name: 'client_secret', label: 'Client secret', hint: 'Of the same program' },
    {
      ...account,
      name: 'expires_at',
      label: 'Expiry of the access token',
      problemOf: instantProblem,
      hint: 'A UTC instant such as 2026-01-02T03:04:05Z; left out, the token is renewed before its first use',
    },
    {
      ...account,
      name: 'sender_name',
      label: 'Name of the sender',
      hint: 'What buyers see as the sender, such as the name of the store',
    },
    {
      ...account,
      name: 'plus_addresses',
      label: 'Reply addresses with "+"',
      problemOf: (value) => (value === 'on' || value === 'off' ? null : 'must be on or off'),
      hint: 'on: answers ask for replies to name+token@domain, so that every reply finds its conversation; your server has to accept such addresses',
    },
    {
      ...account,
      name: 'dkim_domain',
      label: 'DKIM domain',
      hint: 'Only if your mail server does not sign: the domain (d=)',
    },
    { ...account, name: 'dkim_selector', label: 'DKIM selector', hint: 'The selector of the key in the DNS (s=)' },
    {
      ...account,
      name: 'dkim_private_key',
      label: 'DKIM private key',
      hint: 'The key in PEM, -----BEGIN PRIVATE KEY-----',
    },
  ],
  accountIdProblemOf: accountIdProblem,
  // There is no default server: each domain has its own.
  defaultBaseUrls: { api: '', auth: '' },
  protocols: ['smtps:', 'smtp:'],
  setupSteps: ({ webhookUrl }) => [
    'Enter the mail address of the store as the account id, and a signing secret: whsec_ followed by 24 to 64 random bytes in base64.',
    'Enter your server for outgoing mail as the API base URL: smtps://smtp.example.com:465, or smtp://smtp.example.com:587 for STARTTLS, and its user and password.',
    `Let your mail server or provider post every incoming mail, unchanged, to ${webhookUrl}, signed according to Standard Webhooks (docs/email.md has a script), or enter the server of the mailbox as imap_server.`,
    'Send a mail to the address: it appears here at once.',
  ],
};
