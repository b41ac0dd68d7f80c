import { createHmac, timingSafeEqual } from 'node:crypto';
import { fastify } from 'fastify';
import { Pool } from 'pg';
import { type Figure, percentile, rounded } from './figures.ts';
import { type IngestAlone, startIngestAlone } from './ingest-alone.ts';
import type { SendResult } from './sender.ts';
import { sendFrom } from './sending.ts';

const count = 12_000;
const connections = 64;

/**
 * Webhooks acknowledged per second, compared with the minimum of any receiver: check a signature, insert a row, answer.
 * Once while the relay publishes, as in a cluster, and once without it.
 */
export function benchWebhooks(): Promise<Figure[]> {
  return benchOn(0);
}

/**
 * The same on disks with slower syncs, such as network disks in clouds: the benefit of a shared commit depends on them.
 */
export async function benchWebhooksOnSlowDisks(): Promise<Figure[]> {
  return [...(await benchOn(2)), ...(await benchOn(5))];
}

async function benchOn(slowerByMs: number): Promise<Figure[]> {
  const alone = await startIngestAlone(slowerByMs);
  try {
    const bare = await bareReceiver(alone);
    const quiet = await ourReceiver(alone, 'quiet');
    await alone.ingest.start();
    const ours = await ourReceiver(alone, 'publishing');
    const ratio = perSecond(ours) / perSecond(bare);
    const p99 = percentile(ours.latenciesMs, 0.99);
    const where = slowerByMs === 0 ? '' : `, disk slower by ${slowerByMs} ms`;
    const rates = `a sync takes ${rounded(alone.syncMs)} ms; ${rounded(perSecond(ours))}/s with the relay, ${rounded(perSecond(quiet))}/s without, bare ${rounded(perSecond(bare))}/s`;
    const delays = `without the relay ${rounded(percentile(quiet.latenciesMs, 0.99))} ms, bare ${rounded(percentile(bare.latenciesMs, 0.99))} ms`;
    return [
      {
        name: `webhooks accepted durably, times the bare receiver${where}`,
        value: ratio,
        unit: 'x',
        target: '>= 1.5',
        isReached: ratio >= 1.5,
        detail: rates,
      },
      {
        name: `webhook acknowledged, p99 at 64 connections${where}`,
        value: p99,
        unit: 'ms',
        target: '< 50',
        isReached: p99 < 50,
        detail: delays,
      },
    ];
  } finally {
    await alone.stop();
  }
}

function perSecond({ accepted, tookMs }: SendResult): number {
  return accepted / (tookMs / 1_000);
}

async function ourReceiver({ origin, path, secret }: IngestAlone, run: string): Promise<SendResult> {
  const job = { origin, path, secret, connections, perSecond: null, threads: 1_200 };
  await sendFrom({ ...job, count: 2_000, run: `${run}-warm` });
  return sendFrom({ ...job, count, run });
}

/** A bare fastify that verifies one HMAC and inserts one row per request, on the same Postgres with the same durability. */
async function bareReceiver({ databaseUrl, secret }: IngestAlone): Promise<SendResult> {
  const pool = new Pool({ connectionString: databaseUrl, max: 16 });
  await pool.query(
    'create table bare_webhook (id text primary key, body bytea not null, received_at timestamptz not null default now())',
  );
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const http = fastify();
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  http.post('/bare', async (request, reply) => {
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': given } = request.headers;
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const digest = createHmac('sha256', key)
      .update(`${String(id)}.${String(at)}.`)
      .update(body)
      .digest('base64');
    const expected = Buffer.from(`v1,${digest}`);
    const signature = Buffer.from(String(given));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return reply.code(401).send();
    const text = 'insert into bare_webhook (id, body) values ($1, $2) on conflict do nothing';
    await pool.query({ name: 'bare', text, values: [String(id), body] });
    return reply.code(200).send();
  });
  const origin = await http.listen({ port: 0, host: '127.0.0.1' });
  const job = { origin, path: '/bare', secret, connections, perSecond: null, threads: 1_200 };
  await sendFrom({ ...job, count: 2_000, run: 'warm' });
  const result = await sendFrom({ ...job, count, run: 'bare' });
  await http.close();
  await pool.end();
  return result;
}
