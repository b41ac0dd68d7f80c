import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Clock, Shop } from './model.ts';
import type { FaultBoard } from './faults.ts';

/** One webhook before its first attempt. */
export interface PushDraft {
  /** Makes the request of one attempt: a platform may sign the address and the time of the attempt, or a nonce. */
  request(webhookUrl: string, at: Date): PushRequest;
  readonly timeoutMs: number;
  /** Why the platform does not accept this answer as an acknowledgement, in a few words; null when it does. */
  refuse(answer: PushAnswer): string | null;
}

export interface PushRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
}

export interface PushAnswer {
  readonly status: number;
  readonly body: string;
}

export interface Push extends PushDraft {
  readonly shop: Shop;
  /** Pushes of one lane arrive in order, except for faults. */
  readonly lane: string;
}

/** Makes the request of a push with a JSON body; `sign` makes the headers that prove the sender. */
export function postJson(
  body: string,
  sign: (webhookUrl: string, at: Date) => Readonly<Record<string, string>>,
): PushDraft['request'] {
  return (url, at) => ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...sign(url, at) },
    body,
  });
}

/** Any 2xx is an acknowledgement. */
export function refuseFailures({ status }: PushAnswer): string | null {
  return status >= 200 && status < 300 ? null : `status ${status}`;
}

/** Only a 2xx without a body is an acknowledgement. */
export function refuseAllButEmpty(answer: PushAnswer): string | null {
  return refuseFailures(answer) ?? (answer.body === '' ? null : 'an acknowledgement must have an empty body');
}

export interface PushStats {
  acknowledged: number;
  refusedAttempts: number;
  lastRefusal: string | null;
  pending: number;
}

const delayedPushMs = 1_500;
const heldForNextMs = 1_000;
const connectionsMax = 128;

/** Delivers webhooks until they are acknowledged or the twin is closed. */
export class Pusher {
  readonly stats: PushStats = { acknowledged: 0, refusedAttempts: 0, lastRefusal: null, pending: 0 };
  readonly #clock: Clock;
  readonly #faults: FaultBoard;
  readonly #scheduleMs: readonly number[];
  readonly #agent = new Agent({ connections: connectionsMax, pipelining: 1, keepAliveTimeout: 5_000 });
  readonly #closing = new AbortController();
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #held = new Map<string, () => void>();
  readonly #running = new Set<Promise<void>>();

  constructor(clock: Clock, faults: FaultBoard, scheduleMs: readonly number[]) {
    this.#clock = clock;
    this.#faults = faults;
    this.#scheduleMs = scheduleMs;
  }

  /** Resolves when the push was acknowledged, or the twin is closed. */
  push(push: Push): Promise<void> {
    const fault = this.#faults.forPush(push.shop.platform);
    const done = this.#track(this.#start(push, fault));
    // A push that was held back by a fault follows directly after the next push.
    if (fault !== 'reordered-push') this.#held.get(push.lane)?.();
    return done;
  }

  /** One attempt in the background, for requests that the platform does not repeat. */
  once(push: Omit<Push, 'lane'>): void {
    void this.#track(this.attempt(push).then(() => undefined));
  }

  /** One attempt without retry, for the load generator. */
  async attempt(
    push: Omit<Push, 'lane'>,
    url = push.shop.webhookUrl,
  ): Promise<'acknowledged' | 'refused' | 'unreachable'> {
    const { shop, timeoutMs } = push;
    if (url === null) return this.#refuse(`${shop.platform}: the shop has no webhook address`, 'refused');
    const answer = await this.#send(push.request(url, this.#clock()), timeoutMs);
    if (answer === null) return this.#refuse(`${shop.platform}: no answer`, 'unreachable');
    const refusal = push.refuse(answer);
    if (refusal !== null) return this.#refuse(`${shop.platform}: ${refusal}`, 'refused');
    this.stats.acknowledged += 1;
    return 'acknowledged';
  }

  /** Resolves when no push waits for an acknowledgement. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** False when the twin was closed during the pause. */
  async pause(ms: number): Promise<boolean> {
    return pause(ms, true, { signal: this.#closing.signal }).catch(() => false);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const release of this.#held.values()) release();
    await this.settled();
    await this.#agent.destroy();
  }

  /** Null when no answer came in time. */
  async #send({ url, ...options }: PushRequest, timeoutMs: number): Promise<PushAnswer | null> {
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await request(url, { ...options, dispatcher: this.#agent, signal });
      return { status: answer.statusCode, body: await answer.body.text() };
    } catch {
      return null;
    }
  }

  #start(push: Push, fault: ReturnType<FaultBoard['forPush']>): Promise<void> {
    switch (fault) {
      case 'delayed-push':
        return this.pause(delayedPushMs).then(() => this.#deliver(push));
      case 'reordered-push':
        return this.#hold(push).then(() => this.#inLane(push, () => this.#deliver(push)));
      case 'duplicate-push':
        return this.#inLane(push, async () => {
          await Promise.all([this.#deliver(push), this.#deliver(push)]);
        });
      case null:
        return this.#inLane(push, () => this.#deliver(push));
    }
  }

  #hold(push: Push): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const release = () => {
      if (this.#held.get(push.lane) === release) this.#held.delete(push.lane);
      resolve();
    };
    this.#held.get(push.lane)?.();
    this.#held.set(push.lane, release);
    void this.pause(heldForNextMs).then(release);
    return promise;
  }

  #inLane(push: Push, deliver: () => Promise<void>): Promise<void> {
    const done = (this.#lanes.get(push.lane) ?? Promise.resolve()).then(deliver);
    this.#lanes.set(push.lane, done);
    return done.finally(() => {
      if (this.#lanes.get(push.lane) === done) this.#lanes.delete(push.lane);
    });
  }

  async #deliver(push: Push): Promise<void> {
    for (let tries = 0; !this.isClosed; tries += 1) {
      if (!this.#faults.isDown(push.shop.platform) && (await this.attempt(push)) === 'acknowledged') return;
      await this.pause(this.#scheduleMs[Math.min(tries, this.#scheduleMs.length - 1)] ?? 1_000);
    }
  }

  #track(done: Promise<void>): Promise<void> {
    this.#running.add(done);
    this.stats.pending += 1;
    return done.finally(() => {
      this.#running.delete(done);
      this.stats.pending -= 1;
    });
  }

  #refuse<Outcome>(reason: string, outcome: Outcome): Outcome {
    this.stats.refusedAttempts += 1;
    this.stats.lastRefusal = reason;
    return outcome;
  }
}
