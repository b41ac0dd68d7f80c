import { type Mutation, plantedValue } from '../conformance/mutations.ts';

const oddValues = [
  '',
  ' ',
  plantedValue,
  '9'.repeat(3_000),
  '=?utf-8?B?////?=',
  '=?x-none?Q?=FF?=',
  '<>',
  '<a@b> <c@d>',
  '\u2800',
  '"',
];
const oddLines = ['', 'Content-Type: multipart/mixed', 'From: <>', '--', '\0'];

/** Two odd values for each header and one change for each line, so that many mails together have all of them. */
const valuesEach = 2;

/** A mail with each header in turn absent, repeated or odd, and each line in turn the last one or behind an odd one. */
export function* mailMutationsOf(mail: string): Generator<Mutation> {
  const end = mail.indexOf('\r\n\r\n');
  const headers = mail.slice(0, end).split(/\r\n(?![ \t])/);
  const body = mail.slice(end);
  for (const [index, header] of headers.entries()) {
    const name = header.slice(0, header.indexOf(':'));
    const values = Array.from({ length: valuesEach }, (_, n) => oddValues[(index * valuesEach + n + mail.length) % 10]);
    const others = [[], [header, header], ...values.map((value) => [`${name}: ${value}`])];
    for (const replacement of others)
      yield { at: name, body: headers.toSpliced(index, 1, ...replacement).join('\r\n') + body };
  }
  yield { at: '', body: headers.toReversed().join('\r\n') + body };
  const lines = mail.split('\r\n');
  for (const index of lines.keys()) {
    const odd = oddLines[(index + mail.length) % (oddLines.length + 1)];
    yield { at: '', body: (odd === undefined ? lines.slice(0, index) : lines.toSpliced(index, 0, odd)).join('\r\n') };
  }
}
