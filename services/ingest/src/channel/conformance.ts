import {
  checkEvent,
  type EventType,
  type MessageContent,
  type MessageKind,
  newId,
  versionOf,
} from '@crossdesk/contracts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChannelAccount,
  type ChannelAdapter,
  type Fact,
  type OutgoingMessage,
  PlatformCallError,
  type PlatformContext,
  PlatformRefusal,
  type PlatformRequest,
  type PlatformResponse,
  UnparsableDelivery,
  type WebhookRequest,
} from './channel.port.ts';
import { plantedValue, withOneNodeReplaced } from './conformance-mutations.ts';

/** Real deliveries of one platform and what is needed to sign others like them. */
export interface ChannelSamples {
  readonly account: ChannelAccount;
  /** Signs any body as the platform does, with the current secret and fixed times and ids. */
  readonly sign: (rawBody: Uint8Array) => WebhookRequest;
  readonly signatureHeader: string;
  /** The credential that signs; `<name>_previous` is its predecessor. */
  readonly signingCredential: string;
  /** Bodies with a message, at least one for each kind the channel receives. */
  readonly messages: readonly { readonly kind: MessageKind; readonly body: string }[];
  /** A message of a kind the platform invents tomorrow. */
  readonly unknownKind: { readonly platformKind: string; readonly body: string };
  /** Bodies without a message: receipts, orders, account notices, what is ignored. */
  readonly others: readonly string[];
  readonly unparsable: readonly string[];
  readonly outgoing: Pick<OutgoingMessage, 'externalThreadId' | 'buyer'>;
  /** Contents to send instead of the plain ones below, where the platform is particular about ids. */
  readonly contents: readonly MessageContent[];
  /** Answers the calls of a successful send. */
  readonly answerSend: (request: PlatformRequest) => PlatformResponse;
}

const plainContents: readonly MessageContent[] = [
  { kind: 'text', text: 'Your parcel left today.' },
  ...(['image', 'video', 'audio', 'file'] as const).map((kind) => ({
    kind,
    url: `https://cdn.example/${kind}`,
    thumbnailUrl: null,
    mediaId: null,
    mimeType: null,
    fileName: null,
    caption: null,
  })),
  { kind: 'sticker', stickerId: '1', url: 'https://cdn.example/sticker.webp' },
  { kind: 'order', externalOrderId: '1' },
  { kind: 'product', externalProductId: '1', title: null, imageUrl: null },
  { kind: 'location', latitude: 1.3, longitude: 103.8, name: null },
  { kind: 'system', text: 'joined' },
  { kind: 'unsupported', platformKind: 'poll' },
];

/** What every adapter has to keep, whatever its platform: run by each `<name>.conformance.test.ts`. */
export function describeChannel(adapter: ChannelAdapter, samples: ChannelSamples): void {
  describe(`${adapter.channel} as a channel`, () => {
    describeCapabilities(adapter, samples);
    describeVerification(adapter, samples);
    describeParsing(adapter, samples);
    describeSending(adapter, samples);
    describeFailingPlatform(adapter, samples);
  });
}

function describeCapabilities({ capabilities, ...adapter }: ChannelAdapter, { account }: ChannelSamples): void {
  test('the capability record is sane', () => {
    for (const kinds of [capabilities.receives, capabilities.sends]) {
      expect(kinds).toContain('text');
      expect(new Set(kinds).size).toBe(kinds.length);
    }
    expect(capabilities.sends).not.toEqual(expect.arrayContaining(['system']));
    expect(capabilities.sends).not.toEqual(expect.arrayContaining(['unsupported']));
    expect(capabilities.textCharactersMax).toBeGreaterThan(0);
    expect(capabilities.sendsPerSecondMax).toBeGreaterThan(0);
    expect(capabilities.sendsPerDayMax ?? 1).toBeGreaterThan(0);
    expect(capabilities.replyWindowHours ?? 1).toBeGreaterThan(0);
    expect(capabilities.readBackSettleMs).toBeGreaterThanOrEqual(0);
  });

  test('the credentials are declared and the required ones given', () => {
    const declared = adapter.credentialFields.map(({ name }) => name);
    expect(new Set(declared).size).toBe(declared.length);
    expect(declared).toEqual(expect.arrayContaining(Object.keys(account.credentials)));
    for (const { name, isRequired } of adapter.credentialFields)
      if (isRequired) expect(account.credentials).toHaveProperty([name]);
  });

  test('the setup steps name the webhook address and no secret but a verify token', () => {
    const steps = adapter.setupSteps({ webhookUrl: account.webhookUrl, credentials: account.credentials }).join('\n');
    expect(steps).toContain(account.webhookUrl);
    for (const [name, value] of Object.entries(account.credentials))
      if (name !== 'verify_token') expect(steps).not.toContain(value);
  });
}

function describeVerification(adapter: ChannelAdapter, samples: ChannelSamples): void {
  const { account, signatureHeader, signingCredential } = samples;
  const signed = samples.sign(encode(firstMessage(samples)));
  const signature = signed.headers[signatureHeader] ?? '';
  const withSignature = (value: string) => ({ ...signed, headers: { ...signed.headers, [signatureHeader]: value } });
  const isAccepted = (request: WebhookRequest, by = account) => adapter.verify(by, request).ok;

  test('a signed delivery is accepted, one without signature is not', () => {
    expect(adapter.verify(account, signed)).toEqual({ ok: true });
    const { [signatureHeader]: _, ...headers } = signed.headers;
    expect(adapter.verify(account, { ...signed, headers })).toEqual({ ok: false, reason: 'MISSING_SIGNATURE' });
    for (const value of ['', ' ', signature.slice(0, -1), `${signature}0`, `0${signature}`, 'sha256=', 'é'.repeat(64)])
      expect(isAccepted(withSignature(value))).toBe(false);
  });

  test('a single changed byte of the body is refused', () => {
    for (let at = 0; at < signed.rawBody.length; at++) {
      const rawBody = Uint8Array.from(signed.rawBody, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(isAccepted({ ...signed, rawBody })).toBe(false);
    }
  });

  test('a single changed character of the signature is refused', () => {
    for (let at = 0; at < signature.length; at++) {
      const changed = signature[at] === '0' ? '1' : '0';
      expect(isAccepted(withSignature(signature.slice(0, at) + changed + signature.slice(at + 1)))).toBe(false);
    }
  });

  test('no header value makes it throw or pass', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(isAccepted(withSignature(value))).toBe(false);
      }),
    );
  });

  test('while a secret is replaced, both the new and the previous one are accepted', () => {
    const secret = account.credentials[signingCredential] ?? '';
    // A key of the same form: the letters of the old one in another order.
    const successor = secret.slice(0, 6) + [...secret.slice(6)].reverse().join('');
    const rotated = { ...account.credentials, [signingCredential]: successor };
    expect(isAccepted(signed, { ...account, credentials: rotated })).toBe(false);
    const withPrevious = { ...rotated, [`${signingCredential}_previous`]: secret };
    expect(isAccepted(signed, { ...account, credentials: withPrevious })).toBe(true);
    const swapped = { ...account.credentials, [`${signingCredential}_previous`]: successor };
    expect(isAccepted(signed, { ...account, credentials: swapped })).toBe(true);
  });
}

function describeParsing(adapter: ChannelAdapter, samples: ChannelSamples): void {
  const { account, sign } = samples;
  const parse = (body: string) => adapter.parse(account, sign(encode(body)));
  const contentsOf = (body: string) =>
    parse(body).facts.flatMap((fact) => (fact.type === 'message' ? [fact.message.content] : []));
  const valid = [...samples.messages.map(({ body }) => body), samples.unknownKind.body, ...samples.others];

  test('every kind it receives has a sample that parses to it', () => {
    const kinds = samples.messages.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining([...adapter.capabilities.receives]));
    for (const { kind, body } of samples.messages)
      expect(contentsOf(body)).toContainEqual(expect.objectContaining({ kind }));
  });

  test('a kind nobody knows yet is kept as unsupported', () => {
    const { platformKind, body } = samples.unknownKind;
    expect(contentsOf(body)).toEqual([{ kind: 'unsupported', platformKind }]);
  });

  test('every sample yields facts that keep the contract', () => {
    for (const body of valid) {
      const { facts } = parse(body);
      expect(facts.length).toBeGreaterThan(0);
      for (const fact of facts) expectContract(account, fact);
    }
  });

  test('a repeated delivery has the same key and facts, another delivery another key', () => {
    for (const body of valid) expect(parse(body)).toEqual(parse(body));
    const keys = valid.map((body) => parse(body).deliveryKey);
    expect(new Set(keys).size).toBe(new Set(valid).size);
  });

  test('what makes no sense is refused as unparsable', () => {
    for (const body of [...samples.unparsable, '', 'null', '[]', '"x"', '<html>', '{"a":', '[['.repeat(50_000)])
      expect(() => parse(body)).toThrow(UnparsableDelivery);
    expect(() => adapter.parse(account, sign(new Uint8Array([0xff, 0xfe, 0x7b])))).toThrow(UnparsableDelivery);
  });

  test('a delivery with any part replaced parses within the contract or is unparsable, and no value is quoted', () => {
    fc.assert(
      fc.property(fc.constantFrom(...valid).chain(withOneNodeReplaced), (body) => {
        try {
          const { deliveryKey, facts } = parse(body);
          expect(deliveryKey).toMatch(/^.{1,200}$/s);
          for (const fact of facts) expectContract(account, fact);
        } catch (error) {
          if (!(error instanceof UnparsableDelivery)) throw error;
          expect(error.message).not.toContain(plantedValue);
        }
      }),
      { numRuns: 600 },
    );
  });
}

function describeSending(adapter: ChannelAdapter, samples: ChannelSamples): void {
  const contentOf = (kind: MessageKind) =>
    [...samples.contents, ...plainContents].find((content) => content.kind === kind) ?? { kind: 'text', text: 'Hi' };

  test.each(plainContents.map(({ kind }) => kind))(
    '%s is sent if declared, else refused before any call',
    async (kind) => {
      const requests: PlatformRequest[] = [];
      const context = contextOf(samples, async (request) => {
        requests.push(request);
        return samples.answerSend(request);
      });
      const outcome = await adapter.send(context, outgoing(samples, contentOf(kind)));
      if (adapter.capabilities.sends.includes(kind)) {
        expect(outcome).toMatchObject({ status: 'accepted' });
        expect(requests.every(({ url }) => url.startsWith(samples.account.baseUrls.api))).toBe(true);
      } else {
        expect(outcome).toMatchObject({ status: 'rejected', failure: 'UNSUPPORTED' });
        expect(requests).toEqual([]);
      }
    },
  );
}

function describeFailingPlatform(adapter: ChannelAdapter, samples: ChannelSamples): void {
  const secrets = Object.entries(samples.account.credentials).map(([, value]) => value);
  const text = outgoing(samples, { kind: 'text', text: 'Your parcel left today.' });

  test('a lost connection while sending is never taken for an acceptance or a refusal', async () => {
    const lost = new PlatformCallError('connection lost', true);
    const sending = adapter.send(
      contextOf(samples, () => Promise.reject(lost)),
      text,
    );
    const outcome = await sending.catch((error: unknown) => error);
    // Either the error itself comes through or an outcome that leaves it open.
    expect(outcome === lost ? 'unknown' : Reflect.get(Object(outcome), 'status')).toMatch(/^(unknown|retry)$/);
  });

  test('whatever it answers, send returns an outcome that shows no credential', async () => {
    const statuses = fc.constantFrom(200, 204, 301, 400, 401, 403, 404, 408, 409, 410, 429, 500, 502, 503, 504);
    const bodies = fc.oneof(fc.json(), fc.string(), fc.constant('<h1>Bad gateway</h1>'));
    await fc.assert(
      fc.asyncProperty(statuses, bodies, async (status, body) => {
        const outcome = await adapter.send(
          contextOf(samples, async () => ({ status, headers: {}, body })),
          text,
        );
        for (const secret of secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
        if (status >= 500) expect(outcome.status).toMatch(/^(unknown|retry)$/);
        if (status === 301) expect(outcome.status).not.toBe('accepted');
      }),
    );
  });

  test('reading fails with named errors only, which show no credential', async () => {
    const calls: PlatformContext['call'][] = [
      () => Promise.reject(new PlatformCallError('connection refused', false)),
      async () => ({ status: 500, headers: {}, body: '<h1>Bad gateway</h1>' }),
      async () => ({ status: 401, headers: {}, body: '{}' }),
      async () => ({ status: 200, headers: {}, body: '[]' }),
      async () => ({ status: 200, headers: {}, body: '{}' }),
    ];
    for (const context of calls.map((call) => contextOf(samples, call)))
      for (const read of readsOf(adapter, context, samples.outgoing.externalThreadId)) {
        const error = await read().then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error === null) continue;
        const isNamed = error instanceof PlatformRefusal || error instanceof PlatformCallError;
        if (!isNamed) throw new Error('a read failed with an error the port does not name', { cause: error });
        for (const secret of secrets) expect(error.message).not.toContain(secret);
      }
  });
}

function readsOf(adapter: ChannelAdapter, context: PlatformContext, threadId: string): (() => Promise<unknown>)[] {
  return [
    () => adapter.listThread(context, threadId, new Date(context.now().getTime() - 600_000)),
    () => adapter.listMessages(context, ''),
    () => adapter.listOrders(context, ''),
    () => adapter.fetchOrder(context, '1'),
    () => adapter.fetchBuyer(context, threadId),
    () => adapter.refreshCredentials(context),
  ];
}

/** Wraps a fact into the event it becomes and checks that against the published schema. */
function expectContract(account: ChannelAccount, fact: Fact): void {
  if (fact.type === 'message') {
    const { raw, occurredAt, ...message } = fact.message;
    expect(raw).not.toBe('');
    const data = {
      conversationId: newId(),
      messageId: newId(),
      accountId: account.id,
      channel: account.channel,
      ...message,
    };
    checkEvent(envelope(account, 'ingest.message-received', occurredAt, data));
  }
  if (fact.type === 'order') {
    const { placedAt } = fact.order;
    const data = { orderId: newId(), accountId: account.id, channel: account.channel, ...fact.order };
    checkEvent(envelope(account, 'ingest.order-updated', new Date(placedAt), data));
  }
  if (fact.type === 'receipt') {
    expect(fact.occurredAt.getTime()).not.toBeNaN();
    expect(fact.externalMessageId ?? fact.clientReference).not.toBeNull();
    expect(fact.failure === null).toBe(fact.status !== 'failed');
  }
}

function envelope(account: ChannelAccount, type: EventType, occurredAt: Date, data: object): object {
  const at = occurredAt.toISOString();
  return {
    id: newId(),
    type,
    version: versionOf(type),
    source: 'ingest',
    tenantId: account.tenantId,
    aggregateId: newId(),
    aggregateVersion: 1,
    occurredAt: at,
    receivedAt: at,
    recordedAt: at,
    actor: { kind: 'system', id: null },
    correlationId: newId(),
    causationId: null,
    causationDepth: 0,
    data,
  };
}

function outgoing(samples: ChannelSamples, content: MessageContent): OutgoingMessage {
  const upload = content.kind === 'image' ? { url: 'https://cdn.example/upload.jpg', width: 10, height: 20 } : null;
  return { messageId: newId(), ...samples.outgoing, content, upload };
}

function contextOf(samples: ChannelSamples, call: PlatformContext['call']): PlatformContext {
  return { account: samples.account, call, now: () => new Date('2026-01-02T03:00:00Z') };
}

function firstMessage(samples: ChannelSamples): string {
  const [first] = samples.messages;
  if (first === undefined) throw new Error('give the conformance suite at least one sample message');
  return first.body;
}

function encode(body: string): Uint8Array {
  return new TextEncoder().encode(body);
}
