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

/** A mail with each header in turn absent, repeated, empty, huge or odd, cut at each line, and with a line more. */
export function* mailMutationsOf(mail: string): Generator<Mutation> {
  const end = mail.indexOf('\r\n\r\n');
  const headers = mail.slice(0, end).split(/\r\n(?![ \t])/);
  const body = mail.slice(end);
  for (const [index, header] of headers.entries()) {
    const name = header.slice(0, header.indexOf(':'));
    const others = (replacement: readonly string[]) => [
      ...headers.slice(0, index),
      ...replacement,
      ...headers.slice(index + 1),
    ];
    yield { at: name, body: others([]).join('\r\n') + body };
    yield { at: name, body: others([header, header]).join('\r\n') + body };
    for (const value of oddValues) yield { at: name, body: others([`${name}: ${value}`]).join('\r\n') + body };
  }
  yield { at: '', body: headers.toReversed().join('\r\n') + body };
  const lines = mail.split('\r\n');
  for (const index of lines.keys()) {
    yield { at: '', body: lines.slice(0, index).join('\r\n') };
    for (const odd of oddLines) yield { at: '', body: lines.toSpliced(index, 0, odd).join('\r\n') };
  }
}
