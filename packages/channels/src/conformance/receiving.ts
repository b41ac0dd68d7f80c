import { checkEvent, type EventType, newId, versionOf } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChannelAccount,
  type ChannelAdapter,
  type Fact,
  UnparsableDelivery,
  type WebhookAddress,
  type WebhookRequest,
  type Webhooks,
} from '../port/index.ts';
import { mutationsOf, plantedValue } from './mutations.ts';
import { encode, firstMessage, type WebhookSamples } from './samples.ts';

export function describeVerification(webhooks: Webhooks, account: ChannelAccount, samples: WebhookSamples): void {
  const { signatureHeader, signingCredential } = samples;
  const signed = samples.sign(encode(firstMessage(samples)));
  const signature = signed.headers[signatureHeader] ?? '';
  const withSignature = (value: string) => ({ ...signed, headers: { ...signed.headers, [signatureHeader]: value } });
  const isAccepted = async (request: WebhookRequest, by: WebhookAddress = account) =>
    (await webhooks.verify(by, request)).ok;

  test('a signed delivery is accepted, an unsigned one is not', async () => {
    expect(await webhooks.verify(account, signed)).toEqual({ ok: true });
    const { [signatureHeader]: _, ...headers } = signed.headers;
    const unsigned = await webhooks.verify(account, { ...signed, headers });
    expect(unsigned).toEqual({ ok: false, reason: 'MISSING_SIGNATURE' });
    for (const value of ['', ' ', signature.slice(0, -1), `${signature}0`, `0${signature}`, 'sha256=', 'é'.repeat(64)])
      expect(await isAccepted(withSignature(value))).toBe(false);
  });

  test('a single changed byte of the body is refused', async () => {
    for (let at = 0; at < signed.rawBody.length; at++) {
      const rawBody = Uint8Array.from(signed.rawBody, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(await isAccepted({ ...signed, rawBody })).toBe(false);
    }
  });

  test('a single changed character of the signature is refused', async () => {
    for (let at = 0; at < signature.length; at++) {
      const changed = signature[at] === '0' ? '1' : '0';
      expect(await isAccepted(withSignature(signature.slice(0, at) + changed + signature.slice(at + 1)))).toBe(false);
    }
  });

  test('no header value makes it throw or pass', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
        expect(await isAccepted(withSignature(value))).toBe(false);
      }),
    );
  });

  test('while a secret is replaced, both the new and the previous one are accepted', async () => {
    const secret = account.credentials[signingCredential] ?? '';
    // A key of the same form: the characters of the old key in another order.
    const successor = secret.slice(0, 6) + [...secret.slice(6)].reverse().join('');
    const rotated = { ...account.credentials, [signingCredential]: successor };
    expect(await isAccepted(signed, { ...account, credentials: rotated })).toBe(false);
    const withPrevious = { ...rotated, [`${signingCredential}_previous`]: secret };
    expect(await isAccepted(signed, { ...account, credentials: withPrevious })).toBe(true);
    const swapped = { ...account.credentials, [`${signingCredential}_previous`]: successor };
    expect(await isAccepted(signed, { ...account, credentials: swapped })).toBe(true);
  });
}

export function describeParsing(
  { record }: Pick<ChannelAdapter, 'record'>,
  webhooks: Webhooks,
  account: ChannelAccount,
  samples: WebhookSamples,
): void {
  const { sign } = samples;
  const parse = async (body: string, at: WebhookAddress = account) => webhooks.parse(at, sign(encode(body)));
  const isNonsense = (body: string) => isUnparsable(() => parse(body));
  const contentsOf = async (body: string) =>
    (await parse(body)).facts.flatMap((fact) => (fact.type === 'message' ? [fact.message.content] : []));
  const valid = bodiesOf(samples);

  test('every kind that the channel receives has a sample that parses to it', async () => {
    const kinds = samples.messages.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining([...record.capabilities.receives]));
    for (const { kind, body } of samples.messages)
      expect(await contentsOf(body)).toContainEqual(expect.objectContaining({ kind }));
  });

  test('an unknown kind is kept as unsupported', async () => {
    const { platformKind, body } = samples.unknownKind;
    expect(await contentsOf(body)).toEqual([{ kind: 'unsupported', platformKind }]);
  });

  test('every sample gives facts that keep the contract', async () => {
    for (const body of valid) {
      const { facts } = await parse(body);
      expect(facts.length).toBeGreaterThan(0);
      for (const fact of facts) expectContract(record.channel, account, fact);
    }
  });

  test('a repeated delivery has the same key and facts, another delivery another key', async () => {
    const keys = new Set<string>();
    for (const body of valid) {
      const parsed = await parse(body);
      expect(await parse(body)).toEqual(parsed);
      keys.add(parsed.deliveryKey);
    }
    expect(keys.size).toBe(new Set(valid).size);
  });

  test('what cannot be read is told apart, and nothing of it becomes a fact', async () => {
    for (const body of samples.unparsable) {
      const types = (await isNonsense(body)) ? [] : (await parse(body)).facts.map(({ type }) => type);
      expect(new Set(types)).toEqual(new Set(types.length === 0 ? [] : ['unreadable']));
    }
  });

  test('a body that makes no sense is refused as unparsable', async () => {
    for (const body of ['', 'null', '[]', '"x"', '<html>', '{"a":', '[['.repeat(50_000)])
      expect(await isNonsense(body)).toBe(true);
    expect(await isUnparsable(() => webhooks.parse(account, sign(new Uint8Array([0xff, 0xfe, 0x7b]))))).toBe(true);
  });

  test('a message for another account of the app names that account', async () => {
    const { ofAnotherAccount } = samples;
    if (ofAnotherAccount === null) return;
    const { externalAccountId, body } = ofAnotherAccount;
    const ofApp = { ...account, externalAccountId: null };
    for (const address of [account, ofApp])
      expect((await parse(body, address)).facts).toContainEqual(
        expect.objectContaining({ type: 'message', externalAccountId }),
      );
    const { facts: first } = await parse(firstMessage(samples));
    expect(first.map((fact) => fact.externalAccountId)).toEqual(first.map(() => undefined));
    const { facts: atApp } = await parse(firstMessage(samples), ofApp);
    expect(atApp.map((fact) => fact.externalAccountId)).toEqual(first.map(() => account.externalAccountId));
  });
}

export function describeMutations(
  { record }: Pick<ChannelAdapter, 'record'>,
  webhooks: Webhooks,
  account: ChannelAccount,
  samples: WebhookSamples,
): void {
  test('whatever one field of a delivery is, the rest of it is read, and nothing is lost or quoted', async () => {
    const mutate = samples.mutationsOf ?? mutationsOf;
    for (const body of bodiesOf(samples)) {
      const { facts: original } = await webhooks.parse(account, samples.sign(encode(body)));
      for (const mutation of mutate(body)) {
        const facts = await factsOrNone(webhooks, samples.sign(encode(mutation.body)), account);
        if (facts === null) continue;
        if (facts.length === 0) throw new Error(`nothing is left of a delivery that differs at ${mutation.at}`);
        for (const fact of facts) expectContract(record.channel, account, fact);
        const untouched = original.filter(({ at = '' }) => isApart(at, mutation.at)).map(shown);
        if (untouched.length > 0) expect(facts.map(shown)).toEqual(expect.arrayContaining(untouched));
      }
    }
  });
}

/** A fact as text, without its place and the bytes that it shares with its neighbours. */
function shown(fact: Fact): string {
  return JSON.stringify(fact, (name, value: unknown) => (name === 'at' || name === 'raw' ? undefined : value));
}

/** Null if the body as a whole is unparsable: then it is parked. */
async function factsOrNone(
  webhooks: Webhooks,
  request: WebhookRequest,
  account: ChannelAccount,
): Promise<readonly Fact[] | null> {
  try {
    const { deliveryKey, facts } = await webhooks.parse(account, request);
    if (!/^.{1,200}$/s.test(deliveryKey)) throw new Error('a delivery key needs 1 to 200 characters');
    return facts;
  } catch (error) {
    if (!(error instanceof UnparsableDelivery)) throw error;
    expect(error.message).not.toContain(plantedValue);
    return null;
  }
}

/** Whether a change at one place cannot concern the element at the other: the change is within another element. */
function isApart(element: string, changed: string): boolean {
  const list = element.slice(0, element.lastIndexOf('.'));
  return list !== '' && changed.startsWith(`${list}.`) && !`${changed}.`.startsWith(`${element}.`);
}

/** All samples that can be read. */
function bodiesOf(samples: WebhookSamples): readonly string[] {
  return [...samples.messages.map(({ body }) => body), samples.unknownKind.body, ...samples.others];
}

async function isUnparsable(parse: () => unknown): Promise<boolean> {
  try {
    await parse();
    return false;
  } catch (error) {
    if (error instanceof UnparsableDelivery) return true;
    throw error;
  }
}

/** Wraps a fact into its event and checks the event against the published schema. */
function expectContract(channel: string, account: ChannelAccount, fact: Fact): void {
  if (fact.type === 'message') {
    const { raw, occurredAt, ...message } = fact.message;
    expect(raw).not.toBe('');
    const data = {
      conversationId: newId(),
      messageId: newId(),
      accountId: account.id,
      channel,
      ...message,
    };
    checkEvent(envelope(account, 'ingest.message-received', occurredAt, data));
  }
  if (fact.type === 'change') {
    const { by, change, occurredAt } = fact.change;
    const data = { conversationId: newId(), messageId: newId(), accountId: account.id, channel, by, change };
    checkEvent(envelope(account, 'ingest.message-changed', occurredAt, data));
  }
  if (fact.type === 'order') {
    const { placedAt } = fact.order;
    const data = { orderId: newId(), accountId: account.id, channel, ...fact.order };
    checkEvent(envelope(account, 'ingest.order-updated', new Date(placedAt), data));
  }
  if (fact.type === 'feedback') {
    const data = { platformFeedbackId: newId(), accountId: account.id, channel, ...fact.feedback };
    checkEvent(envelope(account, 'ingest.feedback-reported', new Date(fact.feedback.givenAt), data));
  }
  if (fact.type === 'unreadable') expect(fact.reason).not.toContain(plantedValue);
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
