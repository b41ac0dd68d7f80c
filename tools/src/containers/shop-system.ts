import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';

const secret = Buffer.alloc(32, 5);

/** A seller's own system behind the generic channel: sends messages to Crossdesk and receives its replies. */
export interface ShopSystem {
  readonly signingSecret: string;
  /** Port on which it receives replies. */
  readonly port: number;
  /** Texts of the replies by their id: a repeated reply counts once. */
  readonly replies: ReadonlyMap<string, string>;
  /** Posts a buyer's message until it is accepted; returns the number of attempts. */
  say(webhookUrl: string, said: { conversation: string; message: string; text: string }): Promise<number>;
  close(): void;
}

export async function openShopSystem(): Promise<ShopSystem> {
  const replies = new Map<string, string>();
  const server: Server = createServer((request, response) => {
    void take(request, replies).then((externalId) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ externalId }));
    });
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  return {
    signingSecret: `whsec_${secret.toString('base64')}`,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    replies,
    say: push,
    close: () => server.close(),
  };
}

async function take(request: IncomingMessage, replies: Map<string, string>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part as Uint8Array));
  const { data } = JSON.parse(Buffer.concat(parts).toString()) as { data: { messageId: string; text: string } };
  replies.set(data.messageId, data.text);
  return `R-${data.messageId}`;
}

const triesMax = 300;

async function push(
  webhookUrl: string,
  { conversation, message, text }: { conversation: string; message: string; text: string },
): Promise<number> {
  const body = JSON.stringify({
    type: 'message.created',
    timestamp: new Date().toISOString(),
    data: {
      conversationKey: conversation,
      externalId: message,
      author: { id: `B-${conversation}`, name: conversation },
      text,
    },
  });
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const at = String(Math.floor(Date.now() / 1_000));
    const id = `msg_${message}`;
    const signature = createHmac('sha256', secret).update(`${id}.${at}.${body}`).digest('base64');
    const headers = { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
    const status = await fetch(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: AbortSignal.timeout(5_000),
    }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return tries;
    if (status >= 400 && status < 500) throw new Error(`the webhook of ${message} was refused: ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`nobody took the webhook of ${message}`);
}
