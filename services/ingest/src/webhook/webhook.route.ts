import { parseChannel } from '@crossdesk/channels';
import type { HttpMethod, WebhookAnswer, WebhookRequest, Webhooks } from '@crossdesk/channels/adapters';
import { type BodyBudget, crashPoint, createBodyBudget, traced, traceIdOf, withLogScope } from '@crossdesk/service-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccountDirectory, WebhookTarget } from '../account/account-directory.ts';
import type { IngestDeps } from '../deps.ts';
import type { GroupCommit } from './group-commit.ts';
import type { IncomingMessage } from 'node:http';
import type { Guard } from './guard.ts';
import { bytesOf, readBody, UnreadableBody, webhookBytesMax } from './read-body.ts';
import { readDelivery } from './read-delivery.ts';
import { createRefusalNotes, type NoteRefusal } from '../account/refusal-notes.ts';
import { countedWebhooks, type WebhookOutcome } from './webhook-counter.ts';

interface WebhookParams {
  readonly channel: string;
  readonly token: string;
}

interface RouteDeps {
  readonly deps: IngestDeps;
  readonly directory: AccountDirectory;
  readonly groupCommit: GroupCommit;
  readonly guard: Pick<Guard, 'noteAccepted'>;
  readonly budget: BodyBudget;
  readonly noteRefusal: NoteRefusal;
}

/** A request to a known address. */
interface Arrival {
  readonly target: WebhookTarget;
  readonly webhooks: Webhooks;
  readonly contentType: string | undefined;
}

type WebhookRoute = { Params: WebhookParams };

const methods: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
// Intermediaries and people add a slash.
const urls = ['/webhooks/:channel/:token', '/webhooks/:channel/:token/'];
/** A container has a heap of 230 MB, and a body that is being recorded needs up to twenty times its size. */
const bodies = { bytesMax: 3 * webhookBytesMax, ownerBytesMax: webhookBytesMax, waitMsMax: 15_000 };

/**
 * `/webhooks/:channel/:token`, the address of an account or of an app. 404 unknown address (before the body is read), 401
 * wrong signature, 405 a method the channel does not deliver with, 413 larger than any platform sends, 2xx only after the
 * commit, also for a body that cannot be parsed, which is parked. 503 when nothing could be stored: the platform delivers
 * it again.
 */
export function mountWebhooks(
  http: FastifyInstance,
  deps: IngestDeps,
  parts: Pick<RouteDeps, 'directory' | 'groupCommit' | 'guard'>,
): void {
  const route = {
    deps,
    ...parts,
    budget: createBodyBudget(bodies),
    noteRefusal: createRefusalNotes(deps),
  };
  const arrivals = new WeakMap<FastifyRequest, Arrival>();
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) => readBody(payload));
    scope.addHook<WebhookRoute>('onRequest', async (request, reply) => {
      const arrival = await admit(route, request, reply);
      if (arrival === null) return reply;
      arrivals.set(request, arrival);
      // Fastify refuses types that are repeated or no types. Every body is bytes here.
      request.raw.headers['content-type'] = 'application/octet-stream';
      return undefined;
    });
    scope.addHook('onResponse', (_request, _reply, done) => {
      crashPoint('webhook-answered', 'ingest');
      done();
    });
    scope.setErrorHandler<Error, WebhookRoute>((error, request, reply) => answerError(route, error, request, reply));
    for (const url of urls)
      scope.route<WebhookRoute>({
        method: [...methods],
        url,
        handler: async (request, reply) => {
          const arrival = arrivals.get(request);
          if (arrival === undefined) throw new Error('a delivery that was not admitted');
          await receiveTraced(route, arrival, request, reply);
          return reply;
        },
      });
  });
}

/** Everything that can be decided before the body is read. Null: the request is answered. */
async function admit(
  route: RouteDeps,
  request: FastifyRequest<WebhookRoute>,
  reply: FastifyReply,
): Promise<Arrival | null> {
  const { channel, token } = request.params;
  const refuseUnread = (status: number, outcome: WebhookOutcome): null => {
    // The rest of the body is not read: the connection ends.
    refuse(route, reply.header('connection', 'close'), channel, status, outcome);
    return null;
  };
  const known = parseChannel(channel);
  const webhooks = known === null ? null : route.deps.adapters[known].webhooks;
  if (webhooks === null) return refuseUnread(404, 'unknown_address');
  let target: WebhookTarget | null;
  try {
    target = await route.directory.byToken(token);
  } catch (err) {
    // The owner of the address cannot be looked up now: a temporary failure on our side.
    route.deps.runtime.log.error({ err }, 'account of a webhook not read');
    reply.header('retry-after', retryAfterSeconds);
    return refuseUnread(503, 'not_stored');
  }
  if (target?.channel !== channel) return refuseUnread(404, 'unknown_address');
  const release = await route.budget.take(target.tenantId, bytesOf(request.headers));
  if (release === null) {
    reply.header('retry-after', retryAfterSeconds);
    return refuseUnread(503, 'busy');
  }
  // The sender may have left while it waited.
  if (reply.raw.destroyed) release();
  else reply.raw.once('close', release);
  return { target, webhooks, contentType: request.headers['content-type'] };
}

function answerError(
  route: RouteDeps,
  error: Error,
  request: FastifyRequest<WebhookRoute>,
  reply: FastifyReply,
): FastifyReply {
  const { channel } = request.params;
  if (error instanceof UnreadableBody) {
    const status = { too_large: 413, too_slow: 408, unreadable: 400 }[error.reason];
    return refuse(route, reply.header('connection', 'close'), channel, status, error.reason);
  }
  route.deps.runtime.log.error({ err: error }, 'webhook failed');
  return refuse(route, reply.header('retry-after', retryAfterSeconds), channel, 503, 'not_stored');
}

/** A trace starts here. Trace headers of platforms are ignored: we cannot see their traces. */
async function receiveTraced(
  route: RouteDeps,
  arrival: Arrival,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { channel, tenantId } = arrival.target;
  const attributes = { 'crossdesk.channel': channel, 'crossdesk.tenant': tenantId };
  await traced({ name: 'ingest webhook', kind: 'server', attributes }, null, async ({ traceparent, note }) => {
    const traceId = traceparent === null ? null : traceIdOf(traceparent);
    const outcome = await withLogScope({ tenantId, ...(traceId === null ? {} : { traceId }) }, () =>
      receive(route, arrival, request, reply, traceparent),
    );
    count(route, channel, outcome);
    if (outcome === 'stored' || outcome === 'parked')
      route.deps.metrics.webhookAck.observe({ channel }, reply.elapsedTime / 1_000);
    note({ 'crossdesk.outcome': outcome });
  });
}

async function receive(
  { deps, directory, groupCommit, guard, noteRefusal }: RouteDeps,
  { target, webhooks, contentType }: Arrival,
  request: FastifyRequest,
  reply: FastifyReply,
  traceparent: string | null,
): Promise<WebhookOutcome> {
  const { log, clock } = deps.runtime;
  const { addressId, address } = target;
  const webhook = toWebhookRequest(request, contentType, clock.now());
  const handshake = webhooks.handshake(address, webhook);
  if (handshake !== null) {
    send(reply, handshake);
    return 'handshake';
  }
  if (!webhooks.methods.includes(webhook.method)) return answerOther(reply, webhooks, webhook.method);
  crashPoint('webhook-received', 'ingest');
  const verification = await webhooks.verify(address, webhook);
  if (!verification.ok) {
    log.warn({ addressId, reason: verification.reason }, 'webhook refused');
    await noteRefusal(target, verification.reason);
    reply.code(401).send();
    return refusals[verification.reason];
  }
  guard.noteAccepted(request.raw);
  const read = await readDelivery(deps, directory, webhooks, target, webhook);
  let outcome: WebhookOutcome;
  try {
    outcome = await groupCommit.accept({ target, ...webhook, traceparent, read });
  } catch (err) {
    log.error({ err, addressId }, 'webhook not stored');
    reply.header('retry-after', retryAfterSeconds).code(503).send();
    return 'not_stored';
  }
  send(reply, webhooks.acknowledgement);
  return outcome;
}

const refusals = {
  MISSING_SIGNATURE: 'missing_signature',
  BAD_SIGNATURE: 'bad_signature',
  STALE_TIMESTAMP: 'stale_timestamp',
} as const;

/** People and monitors open the address to see whether it exists. */
function answerOther(reply: FastifyReply, webhooks: Webhooks, method: HttpMethod): WebhookOutcome {
  if (method === 'GET') {
    reply.code(200).send();
    return 'probe';
  }
  reply.header('allow', webhooks.methods.join(', ')).code(405).send();
  return 'wrong_method';
}

/** Null = 200 with an empty body. */
function send(reply: FastifyReply, answer: WebhookAnswer | null): void {
  if (answer === null) reply.code(200).send();
  else
    reply
      .code(answer.status)
      .type(answer.contentType)
      .send(typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body));
}

const retryAfterSeconds = '5';

function refuse(
  route: RouteDeps,
  reply: FastifyReply,
  channel: string,
  status: number,
  outcome: WebhookOutcome,
): FastifyReply {
  count(route, channel, outcome);
  return reply.code(status).send();
}

function count({ deps }: RouteDeps, channel: string, outcome: WebhookOutcome): void {
  countedWebhooks(deps.runtime.metrics).inc({ channel: parseChannel(channel) ?? 'unknown', outcome });
}

function toWebhookRequest(request: FastifyRequest, contentType: string | undefined, receivedAt: Date): WebhookRequest {
  const given = { ...request.headers, 'content-type': contentType };
  const headers = Object.entries(given).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  const query = request.query !== null && typeof request.query === 'object' ? Object.entries(request.query) : [];
  return {
    // HEAD, which fastify answers like GET, never delivers anything.
    method: methods.find((method) => method === request.method) ?? 'GET',
    headers: Object.fromEntries(headers),
    query: Object.fromEntries(
      query.map(([name, value]) => [name, String(Array.isArray(value) ? value.at(-1) : value)]),
    ),
    rawBody: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
    receivedAt,
  };
}
