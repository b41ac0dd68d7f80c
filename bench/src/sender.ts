import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The webhook address of a generic channel, and its signing secret. */
export interface WebhookTarget {
  readonly origin: string;
  readonly path: string;
  readonly secret: string;
}

/** The job of the sending process. */
export interface SendJob extends WebhookTarget {
  readonly count: number;
  readonly connections: number;
  /** Messages per second; null = as fast as the answers come. */
  readonly perSecond: number | null;
  readonly threads: number;
  /** Makes the ids of this run different from those of others. */
  readonly run: string;
  /** What is sent: messages, unless said otherwise. */
  readonly about?: 'orders';
}

export interface SendResult {
  readonly accepted: number;
  readonly refused: number;
  readonly tookMs: number;
  readonly latenciesMs: number[];
  /** Processor time of the sending itself, which shares the machine with the measured system. */
  readonly cpuMs: number;
}

const phrases = [
  'Hello, when will my order arrive? It has been two weeks now.',
  '你好，请问我的包裹什么时候能到？',
  'Hola, ¿cuándo llega mi pedido? Ya han pasado diez días.',
  'Guten Tag, wo bleibt meine Bestellung? Ich warte seit Tagen.',
];

/** A message of a buyer, as the seller's own system would deliver it. */
function messageOf({ run, threads }: SendJob, index: number) {
  const thread = index % threads;
  return {
    conversationKey: `${run}-thread-${thread}`,
    externalId: `${run}-${index}`,
    author: { id: `buyer-${thread}`, name: `Buyer ${thread}` },
    text: phrases[index % phrases.length],
  };
}

/** A new order of a buyer. */
function orderOf({ run, threads }: SendJob, index: number, at: string) {
  return {
    id: `${run}-${index}`,
    state: 'to_ship',
    buyer: { id: `buyer-${1 + (index % threads)}` },
    total: { amount: '19.90', currency: 'USD' },
    items: [{ id: '1', sku: 'sku-new', title: 'Travel mug', quantity: 1 }],
    placedAt: at,
    updatedAt: at,
  };
}

/** The bytes of a whole signed request. */
function requestOf(job: SendJob, key: KeyObject, index: number): Buffer {
  const at = new Date();
  const id = `${job.run}-${index}`;
  const timestamp = at.toISOString();
  const body = JSON.stringify(
    job.about === 'orders'
      ? { type: 'order.updated', timestamp, data: orderOf(job, index, timestamp) }
      : { type: 'message.created', timestamp, data: messageOf(job, index) },
  );
  const seconds = Math.floor(at.getTime() / 1_000);
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  const head = [
    `POST ${job.path} HTTP/1.1`,
    `host: ${new URL(job.origin).host}`,
    'connection: keep-alive',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `webhook-id: ${id}`,
    `webhook-timestamp: ${seconds}`,
    `webhook-signature: v1,${signature}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Writes a request and resolves with the status of the answer. Both receivers answer without a body. */
function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const onData = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      if (!answer.endsWith('\r\n\r\n')) return;
      socket.off('data', onData).off('close', onClose);
      resolve(Number(answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)));
    };
    const onClose = (): void => reject(new Error('the receiver closed a connection'));
    socket.on('data', onData).once('close', onClose).write(request);
  });
}

/**
 * Requests are sent over bare sockets: a client library takes as much of the machine as the measured receiver. Without
 * a rate they are made and signed before the clock starts; with a rate they are signed when they are due, because
 * signatures expire.
 */
async function send(job: SendJob): Promise<SendResult> {
  const key = createSecretKey(Buffer.from(job.secret.slice('whsec_'.length), 'base64'));
  const made = job.perSecond === null ? Array.from({ length: job.count }, (_, n) => requestOf(job, key, n)) : [];
  const { hostname, port } = new URL(job.origin);
  const sockets = Array.from({ length: job.connections }, () => connect(Number(port), hostname).setNoDelay());
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const latenciesMs: number[] = [];
  let next = 0;
  let accepted = 0;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const telling = setInterval(() => process.stdout.write(`  ${next} of ${job.count} sent\n`), 60_000).unref();

  async function sendOver(socket: Socket): Promise<void> {
    for (let index = next++; index < job.count; index = next++) {
      const dueAt = job.perSecond === null ? 0 : startedAt + (index / job.perSecond) * 1_000;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const request = made[index] ?? requestOf(job, key, index);
      const sentAt = performance.now();
      const status = await exchange(socket, request);
      latenciesMs.push(performance.now() - sentAt);
      if (status === 200) accepted += 1;
    }
  }

  await Promise.all(sockets.map(sendOver));
  clearInterval(telling);
  const tookMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  sockets.forEach((socket) => socket.destroy());
  return { accepted, refused: job.count - accepted, tookMs, latenciesMs, cpuMs: (user + system) / 1_000 };
}

process.on('disconnect', () => process.exit());
process.on('message', (job: SendJob) => {
  void send(job).then((result) => process.send?.(result, () => process.disconnect()));
});
