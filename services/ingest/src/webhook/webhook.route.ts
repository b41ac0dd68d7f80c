import { parseChannel } from '@crossdesk/contracts';
import { crashPoint, traced, traceIdOf, withLogScope } from '@crossdesk/service-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccountDirectory, DirectoryEntry } from '../account/account-directory.ts';
import { UnparsableDelivery, type WebhookRequest } from '../channel/channel.port.ts';
import type { IngestDeps } from '../deps.ts';
import { cleaned } from '../inbound/clean-text.ts';
import type { WebhookOutcome } from '../metrics.ts';
import type { Delivery, GroupCommit } from './group-commit.ts';

interface WebhookParams {
  readonly channel: string;
  readonly accountToken: string;
}

/**
 * `POST /webhooks/:channel/:accountToken` (and GET for handshakes). 404 unknown address, 401 wrong signature, 200 with an
 * empty body only after the commit, also for a body that makes no sense: that one is parked. 503 when nothing could be
 * stored: the platform delivers it again.
 */
export function mountWebhooks(
  http: FastifyInstance,
  deps: IngestDeps,
  directory: AccountDirectory,
  groupCommit: GroupCommit,
): void {
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.addHook('onResponse', (_request, _reply, done) => {
      crashPoint('webhook-answered', 'ingest');
      done();
    });
    scope.route<{ Params: WebhookParams }>({
      method: ['GET', 'POST'],
      url: '/webhooks/:channel/:accountToken',
      handler: async (request, reply) => {
        const channel = parseChannel(request.params.channel);
        const outcome = await answer(deps, directory, groupCommit, request, reply);
        deps.metrics.webhooks.inc({ channel: channel ?? 'unknown', outcome });
        if (channel !== null && (outcome === 'stored' || outcome === 'parked'))
          deps.metrics.webhookAck.observe({ channel }, reply.elapsedTime / 1_000);
        return reply;
      },
    });
  });
}

async function answer(
  deps: IngestDeps,
  directory: AccountDirectory,
  groupCommit: GroupCommit,
  request: FastifyRequest<{ Params: WebhookParams }>,
  reply: FastifyReply,
): Promise<WebhookOutcome> {
  const { channel, accountToken } = request.params;
  if (parseChannel(channel) === null) return refuse(reply, 404, 'unknown_address');
  let entry: DirectoryEntry | null;
  try {
    entry = await directory.byToken(accountToken);
  } catch (err) {
    // Whose address it is cannot be looked up now: that is our trouble, and it passes.
    deps.runtime.log.error({ err }, 'account of a webhook not read');
    return refuseForNow(reply);
  }
  if (entry?.row.channel !== channel || entry.row.status === 'disabled') return refuse(reply, 404, 'unknown_address');
  return receiveTraced(deps, groupCommit, entry, request, reply);
}

/** Here a trace begins. What platforms may send as theirs nobody could look at. */
function receiveTraced(
  deps: IngestDeps,
  groupCommit: GroupCommit,
  entry: DirectoryEntry,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<WebhookOutcome> {
  const { channel, tenant_id: tenantId } = entry.row;
  const attributes = { 'crossdesk.channel': channel, 'crossdesk.tenant': tenantId };
  return traced({ name: 'ingest webhook', kind: 'server', attributes }, null, async ({ traceparent, note }) => {
    const traceId = traceparent === null ? null : traceIdOf(traceparent);
    const outcome = await withLogScope({ tenantId, ...(traceId === null ? {} : { traceId }) }, () =>
      receive(deps, groupCommit, entry, request, reply, traceparent),
    );
    note({ 'crossdesk.outcome': outcome });
    return outcome;
  });
}

async function receive(
  deps: IngestDeps,
  groupCommit: GroupCommit,
  { account }: DirectoryEntry,
  request: FastifyRequest,
  reply: FastifyReply,
  traceparent: string | null,
): Promise<WebhookOutcome> {
  const webhook = toWebhookRequest(request, deps.runtime.clock.now());
  const adapter = deps.adapters[account.channel];
  const answer = adapter.handshake(account, webhook);
  if (answer !== null) {
    reply.code(answer.status).type(answer.contentType).send(answer.body);
    return 'handshake';
  }
  if (webhook.method === 'GET') return refuse(reply, 405, 'refused');
  crashPoint('webhook-received', 'ingest');
  const verification = adapter.verify(account, webhook);
  if (!verification.ok) {
    deps.runtime.log.warn({ accountId: account.id, reason: verification.reason }, 'webhook refused');
    return refuse(reply, 401, 'refused');
  }
  const delivery = { ...understand(deps, account, webhook), traceparent };
  try {
    await groupCommit.accept(delivery);
  } catch (err) {
    deps.runtime.log.error({ err, accountId: account.id }, 'webhook not stored');
    return refuseForNow(reply);
  }
  reply.code(200).send();
  return delivery.content.ok ? 'stored' : 'parked';
}

function refuseForNow(reply: FastifyReply): WebhookOutcome {
  return refuse(reply.header('retry-after', '5'), 503, 'not_stored');
}

function refuse(reply: FastifyReply, status: number, outcome: WebhookOutcome): WebhookOutcome {
  reply.code(status).send();
  return outcome;
}

function understand(deps: IngestDeps, account: DirectoryEntry['account'], webhook: WebhookRequest) {
  const { rawBody, headers, receivedAt } = webhook;
  return { account, rawBody, headers, receivedAt, content: parseDelivery(deps, account, webhook) };
}

/** Reads a delivery. An adapter that trips over a body is treated like a body that makes no sense: nothing is lost. */
export function parseDelivery(
  deps: Pick<IngestDeps, 'adapters' | 'runtime'>,
  account: DirectoryEntry['account'],
  webhook: WebhookRequest,
): Delivery['content'] {
  try {
    return { ok: true, parsed: cleaned(deps.adapters[account.channel].parse(account, webhook)) };
  } catch (err) {
    if (err instanceof UnparsableDelivery) return { ok: false, reason: err.message };
    deps.runtime.log.error({ err, accountId: account.id }, 'adapter failed on a signed delivery');
    return { ok: false, reason: 'the adapter failed on this delivery; the log tells where' };
  }
}

function toWebhookRequest(request: FastifyRequest, receivedAt: Date): WebhookRequest {
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  const query = request.query !== null && typeof request.query === 'object' ? Object.entries(request.query) : [];
  return {
    method: request.method === 'GET' ? 'GET' : 'POST',
    headers: Object.fromEntries(headers),
    query: Object.fromEntries(query.map(([name, value]) => [name, String(value)])),
    rawBody: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
    receivedAt,
  };
}
