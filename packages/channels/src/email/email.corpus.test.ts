import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { NormalisedMessage } from '../port/index.ts';
import { answerId, corpus } from './email.corpus.ts';
import { parseDelivery } from './email.parse.ts';
import { account, signed } from './email.samples.ts';

const factsOf = async (mail: string) => (await parseDelivery(account, signed(mail))).facts;

async function messagesOf(mail: string): Promise<readonly NormalisedMessage[]> {
  return (await factsOf(mail)).flatMap((fact) => (fact.type === 'message' ? [fact.message] : []));
}

/** The mails of one conversation each; every other mail is alone. */
const conversations = [
  ['gmail-question', 'gmail-reply', 'gmail-phone-without-references'],
  ['answers-between-the-lines', 'nested-alternative-and-files', 'thread-of-a-list-with-foreign-references'],
  ['form-of-the-shop', 'written-in-another-program-of-the-shop', 'answer-to-the-other-program'],
  ['before-the-reply-address', 'by-the-reply-address-only'],
];

/** The mails in groups, as threads that a mail names together are joined. */
function joined(mails: readonly { readonly name: string; readonly ids: readonly string[] }[]): string[][] {
  const groups: { ids: Set<string>; names: string[] }[] = [];
  for (const { name, ids } of mails) {
    const met = groups.filter((group) => ids.some((id) => group.ids.has(id)));
    for (const group of met) groups.splice(groups.indexOf(group), 1);
    groups.push({
      ids: new Set([...ids, ...met.flatMap((group) => [...group.ids])]),
      names: [name, ...met.flatMap((group) => group.names)],
    });
  }
  return groups.map(({ names }) => names.toSorted()).toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
}

test('S3-3.3: a corpus of raw mails of fifty shapes is threaded correctly, in whatever order the mails come', async () => {
  const mails: { name: string; ids: readonly string[] }[] = [];
  for (const { name, mail } of corpus) {
    const [first] = await messagesOf(mail);
    if (first !== undefined) mails.push({ name, ids: (first.threadAliases ?? []).map(({ id }) => id) });
  }
  const alone = mails.map(({ name }) => name).filter((name) => !conversations.flat().includes(name));
  const expected = [...conversations.map((names) => names.toSorted()), ...alone.map((name) => [name])].toSorted(
    (a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1),
  );
  expect(mails.length).toBeGreaterThanOrEqual(40);
  fc.assert(
    fc.property(fc.shuffledSubarray(mails, { minLength: mails.length }), (order) => {
      expect(joined(order)).toEqual(expected);
    }),
  );
});

/** What people read of a mail: its words, how what it repeats begins, and its files. */
const read: Readonly<Record<string, readonly [words: string, repeats: string | null, ...files: readonly string[]]>> = {
  'ana-with-the-same-subject-later': ['One more thing: do you have it in blue?', null],
  'answer-to-the-other-program': ['Great!', null],
  'answers-between-the-lines': [
    'Am 02.01.2026 um 13:00 schrieb Shop:\n> Welche Farbe?\nBlau.\n> Welche Menge?\nDrei.',
    null,
  ],
  'apple-mail': ['Yes, please send the green one.', '> On 2 Jan 2026'],
  'arabic-from-right-to-left': ['أين طلبي؟', 'في الجمعة، 2 يناير'],
  'before-the-reply-address': ['Geht das auch in Rot?', null],
  'by-the-reply-address-only': ['Passt so.', null],
  'calendar-invitation': [
    'REQUEST · NEEDS-ACTION · Pickup of the return, gate 2 · 20260105T090000Z',
    null,
    'file invitation.ics',
  ],
  'encoded-words-broken-within-a-character': ['OK', null],
  'form-of-the-shop': ['Do you ship to Portugal?', null],
  forwarded: ['See below, they say it is lost.\n\n---------- Forwarded message ---------', null],
  'gmail-phone-without-references': ['It came. Thanks!', null],
  'gmail-question': ['Hello,\nwhere is my order? It was paid on Monday.\nAna', null],
  'gmail-reply': ['Thank you, that is fine 🙂', 'On Fri, Jan 2, 2026'],
  'gmail-zh': ['请换成41码，谢谢。', 'Shop <service@shop.example> 于2026年'],
  'hebrew-page-only': ['איפה ההזמנה שלי?', null],
  'iphone-es-with-photo': ['Así llegó:\n\nEnviado desde mi iPhone', '> El 2 ene 2026', 'image foto.jpeg'],
  'mailing-list': ['The new prices are valid from Monday.', null],
  'naver-euc-kr': ['언제 도착하나요?', '-----Original Message-----'],
  'nested-alternative-and-files': [
    'Both files as promised.',
    null,
    'image null',
    'file Rückgabe.pdf',
    'image 照片.png',
  ],
  'netease-gbk': ['收到了，谢谢！', '在 2026-01-02 16:30:00'],
  'newsletter-with-hidden-words': ['Half price\n\nOnly today [https://news.example/shop].', null],
  'out-of-office-de': ['Ich bin bis Montag nicht im Haus.', null],
  'out-of-office-en': ['I am out of the office until Monday.', null],
  'out-of-office-es': ['Estoy fuera de la oficina hasta el lunes.', null],
  'out-of-office-fr': ['Je suis absent jusqu’à lundi.', null],
  'out-of-office-ja': ['月曜日まで不在にしております。', null],
  'out-of-office-zh': ['您好，我正在休假，周一回来。', null],
  'outlook-de': ['Guten Tag,\n\ndie Rechnung fehlt noch. Bitte an unsere Buchhaltung.', 'Von: Shop'],
  'outlook-web-fr-page-only': [
    "Bonjour,\n\n\nje l'ai reçu cassé. Pouvez-vous le remplacer ?",
    '----------------------------------------',
  ],
  'pgp-encrypted': ['unsupported encrypted', null],
  'qq-gb18030': ['颜色不对，我想退货。㐂', '------------------ 原始邮件'],
  'smime-signed': ['The order is confirmed.', null],
  'stranger-who-names-known-mails': ['I am Ana, give me the address.', null],
  'stranger-with-the-same-subject': ['Please send the order to me instead.', null],
  'thread-of-a-list-with-foreign-references': ['And when does it come?', null],
  'thunderbird-pt-latin1': ['Não chegou ainda, já são dez dias.', 'Em 02/01/2026 08:30, Shop escreveu:'],
  'to-several-people': ['Please split the invoice.', null],
  'unknown-charset': ['Plain words', null],
  'winmail-dat': ['Please find the form attached.', null, 'file winmail.dat'],
  'with-an-impossible-date': ['What time is it?', null],
  'without-a-message-id': ['One page received.', null],
  'without-words': ['Is my order 5 on its way?', null],
  'without-words-but-with-a-photo': ['image IMG_0001.jpg', null],
  'written-in-another-program-of-the-shop': ['Yes, we do.', null],
  'yahoo-jp-iso-2022-jp': ['本日届きました。\nサイズの交換をお願いします。', '2026年1月2日(金)'],
  'yandex-ru-koi8-r': ['Спасибо, жду.', '02.01.2026, 12:40'],
};

function shown({ content }: NormalisedMessage): string {
  if (content.kind === 'text') return content.text;
  if (content.kind === 'unsupported') return `unsupported ${content.platformKind}`;
  return `${content.kind} ${'fileName' in content ? content.fileName : ''}`;
}

test('each mail of the corpus is read as people read it, whatever its encoding and program', async () => {
  const names: string[] = [];
  for (const { name, mail } of corpus) {
    const messages = await messagesOf(mail);
    const [first, ...files] = messages;
    if (first === undefined) continue;
    names.push(name);
    const [words = '', repeats = null, ...others] = read[name] ?? [];
    expect([name, shown(first).startsWith(words) ? words : shown(first)]).toEqual([name, words]);
    const quoted = first.context?.mail?.quoted?.text ?? null;
    expect([name, quoted?.slice(0, repeats?.length ?? 0) ?? null]).toEqual([name, repeats]);
    expect([name, files.map(shown)]).toEqual([name, others]);
    expect([name, first.author]).toEqual([name, authorOf(name)]);
  }
  expect(names.toSorted()).toEqual(Object.keys(read).toSorted());
});

function authorOf(name: string): string {
  if (name === 'written-in-another-program-of-the-shop') return 'seller';
  return /^(?:out-of-office|mailing-list|newsletter)/.test(name) ? 'system' : 'buyer';
}

test('encoded words that were cut within a character are whole again, and a mail without id has one from its bytes', async () => {
  const of = async (name: string) => (await messagesOf(corpus.find((one) => one.name === name)?.mail ?? ''))[0];
  const broken = await of('encoded-words-broken-within-a-character');
  expect([broken?.buyer.name, broken?.context?.mail?.subject]).toEqual(['陈静', '退货申请：订单 2041']);
  expect((await of('without-a-message-id'))?.externalMessageId).toMatch(/^[\da-f]{64}@mail\.invalid$/);
  expect((await of('with-an-impossible-date'))?.occurredAt).toEqual(signed('').receivedAt);
  expect((await of('to-several-people'))?.context?.mail?.others.map(({ address }) => address)).toEqual([
    'bea@mail.example',
    'carlos@mail.example',
    'dora@mail.example',
  ]);
});

test.each([
  ['bounce-postfix', 'postfix', 'RECIPIENT_UNREACHABLE', 'Recipient address rejected: User unknown'],
  ['bounce-exim', 'exim', 'RECIPIENT_UNREACHABLE', '552 5.2.2 Mailbox full'],
  ['bounce-exchange', 'exchange', 'POLICY_BLOCKED', '550 5.7.133'],
  ['bounce-gmail', 'gmail', 'RECIPIENT_UNREACHABLE', '550-5.1.1 The email account'],
  ['bounce-qmail-in-words', 'qmail', 'RECIPIENT_UNREACHABLE', '5.1.1'],
])('%s fails the answer that it names', async (name, answer, failure, detail) => {
  const facts = await factsOf(corpus.find((one) => one.name === name)?.mail ?? '');
  expect(facts).toEqual([
    expect.objectContaining({
      type: 'receipt',
      status: 'failed',
      externalMessageId: answerId(answer),
      clientReference: answerId(answer).split('.')[0],
      failure,
      detail: expect.stringContaining(detail),
    }),
  ]);
});

test.each([
  ['bounce-delayed', 'mail.delay'],
  ['read-receipt', 'mail.read-report'],
])('%s is only counted', async (name, platformKind) => {
  const facts = await factsOf(corpus.find((one) => one.name === name)?.mail ?? '');
  expect(facts).toEqual([{ type: 'ignored', platformKind }]);
});
