import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTransport } from 'nodemailer';
import type { ConnectedShop } from '../model.ts';
import { type Bench, startBench } from '../testing.ts';

let bench: Bench;
let shop: ConnectedShop;
let buyer: string;

beforeEach(async () => {
  bench = await startBench();
  shop = bench.shop('email');
  bench.twin.buyerSays({ shop, buyer: 'olivia', content: { kind: 'text', text: 'hi' } });
  buyer = bench.twin.threads(shop)[0]?.buyer.externalId ?? '';
});
afterEach(() => bench.close());

interface Letter {
  readonly text: string;
  readonly id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly password?: string;
}

/** Sends as a product does; the answer of the server, or what it refuses with. */
async function send({ text, id = text, from = shop.externalAccountId, to = buyer, password }: Letter): Promise<string> {
  const pass = password ?? shop.credentials['smtp_password'] ?? '';
  const transport = createTransport({ url: shop.baseUrls.api, auth: { user: shop.externalAccountId, pass } });
  try {
    const { response } = await transport.sendMail({
      from,
      to,
      text,
      subject: 'Re: A question',
      messageId: `<${id}@s>`,
    });
    return response;
  } catch (error) {
    return error instanceof Error ? error.message : 'no reason';
  } finally {
    transport.close();
  }
}

const executed = () => bench.twin.journal().map(({ text, key }) => [text, key]);

test('a mail of the store reaches its buyer once, however often it is sent', async () => {
  expect(await send({ text: 'Größe 40' })).toContain('250');
  expect(await send({ text: 'Größe 40' })).toContain('250');
  expect(executed()).toEqual([['Größe 40', 'Größe 40@s']]);
});

test('a wrong password, a foreign sender and an unknown receiver are refused', async () => {
  expect(await send({ text: 'a', password: 'wrong' })).toContain('535 5.7.8');
  expect(await send({ text: 'a', from: 'else@shop.example' })).toContain('553 5.7.1');
  expect(await send({ text: 'a', to: 'nobody@mail.example' })).toContain('550 5.1.1');
  expect(executed()).toEqual([]);
});

test.each([
  ['rate-limit', '421'],
  ['server-error', '451'],
  ['token-expired', '530'],
] as const)('%s refuses one mail and executes nothing', async (fault, code) => {
  bench.twin.faults.next('email', fault);
  expect(await send({ text: 'a' })).toContain(code);
  expect(await send({ text: 'b' })).toContain('250');
  expect(executed().map(([text]) => text)).toEqual(['b']);
});

test('execute-then-reset takes the mail and cuts the connection; an outage takes none', async () => {
  bench.twin.faults.next('email', 'execute-then-reset');
  expect(await send({ text: 'a' })).not.toContain('250');
  bench.twin.faults.outage('email', true);
  expect(await send({ text: 'b' })).not.toContain('250');
  expect(executed().map(([text]) => text)).toEqual(['a']);
});

test('the next mail of a buyer names the answer of the store', async () => {
  await send({ text: 'It is on its way', id: 'answer-1' });
  bench.twin.buyerSays({ shop, buyer: 'olivia', content: { kind: 'text', text: 'Thank you, 谢谢' } });
  await bench.twin.settled();
  const raw = bench.receiver.deliveries.at(-1)?.raw ?? '';
  expect(raw).toContain('In-Reply-To: <answer-1@s>');
  expect(raw).toContain('Subject: Re: A question');
});
