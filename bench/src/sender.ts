import { createHmac } from 'node:crypto';
import { Pool } from 'undici';

/** What the sending process is asked to do. */
export interface SendJob {
  readonly origin: string;
  readonly path: string;
  readonly secret: string;
  readonly count: number;
  readonly connections: number;
  /** Messages per second; null = as fast as answers come. */
  readonly perSecond: number | null;
  readonly threads: number;
  /** Makes ids of this run differ from those of others. */
  readonly run: string;
}

export interface SendResult {
  readonly accepted: number;
  readonly refused: number;
  readonly tookMs: number;
  readonly latenciesMs: number[];
}

const phrases = [
  'Hello, when will my order arrive? It has been two weeks now.',
  '你好，请问我的包裹什么时候能到？',
  'Hola, ¿cuándo llega mi pedido? Ya han pasado diez días.',
  'Guten Tag, wo bleibt meine Bestellung? Ich warte seit Tagen.',
];

/** One signed message of a buyer, as the seller's own system would deliver it. */
function delivery(job: SendJob, key: Buffer, index: number): { headers: Record<string, string>; body: string } {
  const at = new Date();
  const id = `${job.run}-${index}`;
  const thread = index % job.threads;
  const body = JSON.stringify({
    type: 'message.created',
    timestamp: at.toISOString(),
    data: {
      conversationKey: `${job.run}-thread-${thread}`,
      externalId: id,
      author: { id: `buyer-${thread}`, name: `Buyer ${thread}` },
      text: phrases[index % phrases.length],
    },
  });
  const seconds = Math.floor(at.getTime() / 1_000);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  };
  return { headers, body };
}

async function send(job: SendJob): Promise<SendResult> {
  const pool = new Pool(job.origin, { connections: job.connections });
  const key = Buffer.from(job.secret.slice('whsec_'.length), 'base64');
  const latenciesMs: number[] = [];
  let next = 0;
  let accepted = 0;
  const startedAt = performance.now();

  async function sendNext(): Promise<void> {
    for (let index = next++; index < job.count; index = next++) {
      const dueAt = job.perSecond === null ? 0 : startedAt + (index / job.perSecond) * 1_000;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const { headers, body } = delivery(job, key, index);
      const sentAt = performance.now();
      const answer = await pool.request({ path: job.path, method: 'POST', headers, body });
      await answer.body.dump();
      latenciesMs.push(performance.now() - sentAt);
      if (answer.statusCode === 200) accepted += 1;
    }
  }

  await Promise.all(Array.from({ length: job.connections }, sendNext));
  const tookMs = performance.now() - startedAt;
  await pool.close();
  return { accepted, refused: job.count - accepted, tookMs, latenciesMs };
}

process.on('message', (job: SendJob) => {
  void send(job).then((result) => process.send?.(result, () => process.disconnect()));
});
