import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { networkOf } from '../caller/client-address.ts';
import { createBodyBudget } from './body-budget.ts';

export interface BodyLimits {
  /** The largest body that is accepted, which is also what a body of unknown length counts as. */
  readonly bodyBytesMax: number;
  /** Bodies of one address, and of all, that are being read or answered. */
  readonly addressBytesMax: number;
  readonly bytesMax: number;
  addressOf(request: IncomingMessage): string;
  /** Answers a body that got no place in time. Its connection ends. */
  refuse(reply: FastifyReply): FastifyReply;
}

const waitMsMax = 5_000;

/** Bodies take memory before anybody knows who sends them: each gets its place before it is read. */
export function limitBodies(http: FastifyInstance, limits: BodyLimits): void {
  const { bytesMax, addressBytesMax: ownerBytesMax } = limits;
  const budget = createBodyBudget({ bytesMax, ownerBytesMax, waitMsMax });
  http.addHook('onRequest', async (request, reply) => {
    const bytes = bytesOf(request, limits.bodyBytesMax);
    if (bytes === 0) return undefined;
    const release = await budget.take(networkOf(limits.addressOf(request.raw)), bytes);
    if (release === null) return limits.refuse(reply.header('connection', 'close'));
    // The sender may have left while it waited.
    if (reply.raw.destroyed) release();
    else reply.raw.once('close', release);
    return undefined;
  });
}

function bytesOf({ headers }: FastifyRequest, bodyBytesMax: number): number {
  const length = headers['content-length'];
  if (length !== undefined) return Math.min(Number(length), bodyBytesMax);
  return headers['transfer-encoding'] === undefined ? 0 : bodyBytesMax;
}
