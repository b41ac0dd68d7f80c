import type { AddressInfo } from 'node:net';
import { eventually } from '@crossdesk/testkit';
import { expect } from '@jest/globals';
import { fastify } from 'fastify';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

export interface TakenEvent {
  readonly id: string;
  readonly event: unknown;
}

type Answer = number | 'hang';

/** A receiver of events, which checks signatures with the library that integrators use. */
export interface Receiver {
  readonly url: string;
  trust(secret: string): void;
  /** How it answers from now on, or only the next calls. */
  answer(answer: Answer, count?: number): void;
  /** All calls, refused ones included. */
  calls(): number;
  /** Resolves once it was called that often. */
  called(count: number): Promise<void>;
  /** The events that it took, once there are that many. */
  taken(count: number): Promise<readonly TakenEvent[]>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const taken: TakenEvent[] = [];
  let [calls, always, few] = [0, 200 as Answer, [] as Answer[]];
  let secret = '';
  const http = fastify({ forceCloseConnections: true });
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  http.post('/events', async (request, reply) => {
    calls += 1;
    const answer = few.shift() ?? always;
    const id = String(request.headers['webhook-id']);
    if (answer === 'hang') return new Promise(() => undefined);
    if (answer !== 200) return reply.code(answer).send();
    const event = read(String(request.body), request.headers as Record<string, string>);
    if (event === null) return reply.code(401).send();
    taken.push({ id, event });
    return reply.send();
  });
  await http.listen({ port: 0, host: '127.0.0.1' });
  const { port } = http.server.address() as AddressInfo;

  /** `verify` compares the time with the clock of this machine; where a test has moved ours, only the signature counts. */
  function read(body: string, headers: Record<string, string>): unknown {
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
    const webhook = new Webhook(secret);
    try {
      if (Math.abs(at.getTime() - Date.now()) < 60_000) return webhook.verify(body, headers);
    } catch (error) {
      if (error instanceof WebhookVerificationError) return null;
      throw error;
    }
    const expected = webhook.sign(headers['webhook-id'] ?? '', at, body);
    return headers['webhook-signature']?.split(' ').includes(expected) === true ? JSON.parse(body) : null;
  }

  return {
    url: `http://127.0.0.1:${port}/events`,
    trust: (next) => {
      secret = next;
    },
    answer: (answer, count) => {
      if (count === undefined) always = answer;
      else few = Array.from({ length: count }, () => answer);
    },
    calls: () => calls,
    called: (count) => eventually(async () => expect(calls).toBeGreaterThanOrEqual(count)),
    taken: (count) =>
      eventually(async () => {
        expect(taken.length).toBeGreaterThanOrEqual(count);
        return taken;
      }),
    close: () => http.close(),
  };
}
