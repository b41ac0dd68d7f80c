import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { anAgent, ask } from '@crossdesk/testkit';
import { fastify } from 'fastify';
import { Webhook } from 'standardwebhooks';
import type { IngestService } from '../src/index.ts';

export interface SignedDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ReceivedReply {
  readonly key: string;
  readonly conversationKey: string;
  readonly text: string;
}

/** The seller's own system at the other end of a generic channel: signs its deliveries and checks received replies. */
export interface GenericSeller {
  readonly secret: string;
  readonly url: string;
  accountId: ChannelAccountId;
  webhookPath: string;
  readonly received: ReceivedReply[];
  message(said: { conversationKey: string; externalId: string; text: string }): SignedDelivery;
  sign(body: string): SignedDelivery;
  deliver(delivery: SignedDelivery): Promise<{ statusCode: number; body: string }>;
  answerNext(answer: { status: number }): void;
  close(): Promise<void>;
}

export async function startGenericSeller(ingest: IngestService): Promise<GenericSeller> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const webhook = new Webhook(secret);
  const received: ReceivedReply[] = [];
  let next: { status: number } | null = null;
  const http = fastify();
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  http.post('/replies', async (request, reply) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const { data } = webhook.verify(String(request.body), headers) as {
      data: { conversationKey: string; text: string };
    };
    if (next !== null) {
      const { status } = next;
      next = null;
      return reply.code(status).send();
    }
    received.push({ key: headers['webhook-id'] ?? '', conversationKey: data.conversationKey, text: data.text });
    return reply.send({ externalId: `at-seller-${received.length}` });
  });
  await http.listen({ port: 0, host: '127.0.0.1' });
  const { port } = http.server.address() as AddressInfo;

  let deliveries = 0;
  const seller: GenericSeller = {
    secret,
    url: `http://127.0.0.1:${port}/replies`,
    accountId: '' as ChannelAccountId,
    webhookPath: '',
    received,
    sign(body) {
      deliveries += 1;
      const id = `msg_${deliveries}`;
      const at = new Date();
      return {
        body,
        headers: {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': webhook.sign(id, at, body),
        },
      };
    },
    message: ({ conversationKey, externalId, text }) =>
      seller.sign(
        JSON.stringify({
          type: 'message.created',
          timestamp: new Date().toISOString(),
          data: { conversationKey, externalId, author: { id: `buyer-of-${conversationKey}`, name: 'Ana' }, text },
        }),
      ),
    deliver: async ({ headers, body }) => {
      const answer = await ingest.http.inject({
        method: 'POST',
        url: seller.webhookPath,
        headers: { 'content-type': 'application/json', ...headers },
        payload: body,
      });
      return { statusCode: answer.statusCode, body: answer.body };
    },
    answerNext: (answer) => {
      next = answer;
    },
    close: () => http.close(),
  };
  return seller;
}

/** Connects the seller's system through the API, as an admin would. */
export async function connectGeneric(ingest: IngestService, seller: GenericSeller, tenantId: TenantId): Promise<void> {
  const connect = `mutation($input: ConnectChannelAccountInput!) {
    connectChannelAccount(input: $input) { account { id } webhookUrl setupSteps errors { code message path } } }`;
  const input = {
    channel: 'GENERIC',
    displayName: 'My system',
    externalAccountId: 'my-system',
    country: 'BR',
    credentials: [{ name: 'signing_secret', value: seller.secret }],
    apiBaseUrl: seller.url,
  };
  const { data, errors } = await ask(ingest.subgraph, anAgent(tenantId, 'admin'), connect, { input });
  const payload = (
    data as {
      connectChannelAccount: { account: { id: ChannelAccountId } | null; webhookUrl: string | null; errors: unknown[] };
    } | null
  )?.connectChannelAccount;
  if (payload?.account == null || payload.webhookUrl === null)
    throw new Error(`not connected: ${JSON.stringify({ payload, errors })}`);
  seller.accountId = payload.account.id;
  seller.webhookPath = new URL(payload.webhookUrl).pathname;
}
