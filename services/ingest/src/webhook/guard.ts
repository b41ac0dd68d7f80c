import {
  createAddressReader,
  createForwarderCheck,
  limitBodies,
  limitConnections,
  type Metrics,
} from '@crossdesk/service-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { bytesOf } from './read-body.ts';
import { isUpload } from '../upload/serve-uploads.ts';
import { createSenders } from './senders.ts';
import { countedWebhooks } from './webhook-counter.ts';

/** What anybody on the internet may take from ingest. */
export interface Guard {
  noteAccepted(request: IncomingMessage): void;
  /** Call it inside the scope of the routes whose bodies no budget of a tenant limits. */
  limitBodies(scope: FastifyInstance): void;
}

/** Fewer than the server takes at most, so that it is decided here who loses a connection. */
const connections = { max: 3_900, perAddressMax: 1_000 };
const bodies = { bodyBytesMax: 1024 * 1024, addressBytesMax: 4 * 1024 * 1024, bytesMax: 32 * 1024 * 1024 };

/**
 * Limits connections and refused work of each address, before a request is looked at. Platforms send for many shops from
 * few addresses: valid deliveries have no limit here.
 */
export function guardIngest(http: FastifyInstance, trustedProxies: readonly string[], metrics: Metrics): Guard {
  const senders = createSenders();
  const addressOf = createAddressReader(trustedProxies);
  const isForwarder = createForwarderCheck(trustedProxies);
  limitConnections(http.server, { ...connections, isExempt: isForwarder });
  http.addHook('onRequest', async (request, reply) => {
    const address = addressOf(request.raw);
    if (isForwarder(address)) return undefined;
    const waitSeconds = senders.waitSecondsOf(address);
    if (waitSeconds !== null) {
      countedWebhooks(metrics).inc({ channel: 'unknown', outcome: 'limited' });
      return reply.code(429).headers({ connection: 'close', 'retry-after': waitSeconds }).send();
    }
    onRefusal(request, reply, (bytes) => senders.noteRefused(address, bytes));
    if (!isUpload(request)) endInTime(request, reply);
    return undefined;
  });
  return {
    noteAccepted: (request) => senders.noteAccepted(addressOf(request)),
    limitBodies: (scope) =>
      limitBodies(scope, {
        ...bodies,
        addressOf,
        refuse: (reply) => reply.code(503).header('retry-after', '5').send(),
      }),
  };
}

/** Whatever is no upload has to be here in this time. */
const requestMsMax = 30_000;

function endInTime({ raw }: FastifyRequest, reply: FastifyReply): void {
  const timer = setTimeout(() => raw.destroy(), requestMsMax).unref();
  const clear = (): void => clearTimeout(timer);
  raw.once('end', clear);
  reply.raw.once('close', clear);
}

/** Calls back, with the bytes that a request announced, after an answer 4xx or when its body was broken off. */
function onRefusal({ raw }: FastifyRequest, reply: FastifyReply, note: (bytes: number) => void): void {
  reply.raw.once('close', () => {
    const isRefused = reply.statusCode >= 400 && reply.statusCode < 500;
    if (isRefused || raw.errored !== null) note(bytesOf(raw.headers));
  });
}
