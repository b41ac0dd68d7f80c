import { findSpans } from '@crossdesk/outgoing-lint/text';

/** Numbers this long name something: an order, a parcel, a phone. */
const longNumber = /\p{Nd}[\p{Nd} -]{4,30}\p{Nd}/gu;

/** The text with a word in brackets for every address, amount, date, number and id in it. */
export function generalised(text: string): string {
  let at = 0;
  const parts = findSpans(text).map(({ kind, start, end }) => {
    const part = `${text.slice(at, start)}[${kind}]`;
    at = end;
    return part;
  });
  return (parts.join('') + text.slice(at)).replaceAll(longNumber, '[id]');
}
