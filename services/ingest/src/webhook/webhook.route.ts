import { parseChannel } from '@crossdesk/channels';
import type { HttpMethod, WebhookAnswer, WebhookRequest, Webhooks } from '@crossdesk/channels/adapters';
import { crashPoint, traced, traceIdOf, withLogScope } from '@crossdesk/service-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccountDirectory, WebhookTarget } from '../account/account-directory.ts';
import type { IngestDeps } from '../deps.ts';
import type { WebhookOutcome } from '../metrics.ts';
import type { GroupCommit } from './group-commit.ts';
import { readDelivery } from './read-delivery.ts';

interface WebhookParams {
  readonly channel: string;
  readonly token: string;
}

interface RouteDeps {
  readonly deps: IngestDeps;
  readonly directory: AccountDirectory;
  readonly groupCommit: GroupCommit;
}

const methods: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * `/webhooks/:channel/:token`, the address of an account or of an app. 404 unknown address, 401 wrong signature, 405 a
 * method the channel does not deliver with, 2xx only after the commit, also for a body that cannot be parsed, which is
 * parked. 503 when nothing could be stored: the platform delivers it again.
 */
export function mountWebhooks(
  http: FastifyInstance,
  deps: IngestDeps,
  directory: AccountDirectory,
  groupCommit: GroupCommit,
): void {
  const route = { deps, directory, groupCommit };
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.addHook('onResponse', (_request, _reply, done) => {
      crashPoint('webhook-answered', 'ingest');
      done();
    });
    scope.route<{ Params: WebhookParams }>({
      method: [...methods],
      url: '/webhooks/:channel/:token',
      handler: async (request, reply) => {
        const channel = parseChannel(request.params.channel);
        const outcome = await answer(route, request, reply);
        deps.metrics.webhooks.inc({ channel: channel ?? 'unknown', outcome });
        if (channel !== null && (outcome === 'stored' || outcome === 'parked'))
          deps.metrics.webhookAck.observe({ channel }, reply.elapsedTime / 1_000);
        return reply;
      },
    });
  });
}

async function answer(
  route: RouteDeps,
  request: FastifyRequest<{ Params: WebhookParams }>,
  reply: FastifyReply,
): Promise<WebhookOutcome> {
  const { channel, token } = request.params;
  const known = parseChannel(channel);
  const webhooks = known === null ? null : route.deps.adapters[known].webhooks;
  if (webhooks === null) return refuse(reply, 404, 'unknown_address');
  let target: WebhookTarget | null;
  try {
    target = await route.directory.byToken(token);
  } catch (err) {
    // The owner of the address cannot be looked up now: a temporary failure on our side.
    route.deps.runtime.log.error({ err }, 'account of a webhook not read');
    return refuseForNow(reply);
  }
  if (target?.channel !== channel) return refuse(reply, 404, 'unknown_address');
  return receiveTraced(route, webhooks, target, request, reply);
}

/** A trace starts here. Trace headers of platforms are ignored: we cannot see their traces. */
function receiveTraced(
  route: RouteDeps,
  webhooks: Webhooks,
  target: WebhookTarget,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<WebhookOutcome> {
  const { channel, tenantId } = target;
  const attributes = { 'crossdesk.channel': channel, 'crossdesk.tenant': tenantId };
  return traced({ name: 'ingest webhook', kind: 'server', attributes }, null, async ({ traceparent, note }) => {
    const traceId = traceparent === null ? null : traceIdOf(traceparent);
    const outcome = await withLogScope({ tenantId, ...(traceId === null ? {} : { traceId }) }, () =>
      receive(route, webhooks, target, request, reply, traceparent),
    );
    note({ 'crossdesk.outcome': outcome });
    return outcome;
  });
}

async function receive(
  { deps, directory, groupCommit }: RouteDeps,
  webhooks: Webhooks,
  target: WebhookTarget,
  request: FastifyRequest,
  reply: FastifyReply,
  traceparent: string | null,
): Promise<WebhookOutcome> {
  const { log, clock } = deps.runtime;
  const { addressId, address } = target;
  const webhook = toWebhookRequest(request, clock.now());
  const handshake = webhooks.handshake(address, webhook);
  if (handshake !== null) {
    send(reply, handshake);
    return 'handshake';
  }
  if (!webhooks.methods.includes(webhook.method))
    return refuse(reply.header('allow', webhooks.methods.join(', ')), 405, 'refused');
  crashPoint('webhook-received', 'ingest');
  const verification = await webhooks.verify(address, webhook);
  if (!verification.ok) {
    log.warn({ addressId, reason: verification.reason }, 'webhook refused');
    return refuse(reply, 401, 'refused');
  }
  const read = await readDelivery(deps, directory, webhooks, target, webhook);
  let outcome: WebhookOutcome;
  try {
    outcome = await groupCommit.accept({ target, ...webhook, traceparent, read });
  } catch (err) {
    log.error({ err, addressId }, 'webhook not stored');
    return refuseForNow(reply);
  }
  send(reply, webhooks.acknowledgement);
  return outcome;
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

function refuseForNow(reply: FastifyReply): WebhookOutcome {
  return refuse(reply.header('retry-after', '5'), 503, 'not_stored');
}

function refuse(reply: FastifyReply, status: number, outcome: WebhookOutcome): WebhookOutcome {
  reply.code(status).send();
  return outcome;
}

function toWebhookRequest(request: FastifyRequest, receivedAt: Date): WebhookRequest {
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
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
