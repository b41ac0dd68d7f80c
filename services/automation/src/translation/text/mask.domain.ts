import { type Piece, spansOf } from '@crossdesk/outgoing-lint/text';

/**
 * How spans are hidden from an engine: in a tag that the engine leaves alone (`xml`, `html`), or as a word that looks
 * like no word (`token`, `bracket`).
 */
export type MaskStyle = 'xml' | 'html' | 'token' | 'bracket';

/** A text as an engine gets it. */
export function mask(pieces: readonly Piece[], style: MaskStyle): string {
  let index = -1;
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return isTagged(style) ? escape(piece) : piece;
      index += 1;
      switch (style) {
        case 'xml':
          return `<x id="${index}">${escape(piece.target)}</x>`;
        case 'html':
          return `<span translate="no" class="notranslate" id="${index}">${escape(piece.target)}</span>`;
        case 'token':
          return `__PH${index}__`;
        case 'bracket':
          return `[[${index}]]`;
      }
    })
    .join('');
}

const masks = {
  xml: /<x id="(\d{1,4})"\s?(?:\/>|>[^<]{0,4000}<\/x>)/g,
  html: /<span ([^<>]{0,250})>[^<]{0,4000}<\/span>/g,
  token: /__\s?PH\s?(\d{1,4})\s?__/gi,
  bracket: /\[\s?\[\s?(\d{1,4})\s?\]\s?\]/g,
} as const satisfies Record<MaskStyle, RegExp>;

/** The number of a mask: the digits it was found by, or in HTML those among its attributes. */
function numberIn(found: string, style: MaskStyle): number {
  const digits = style === 'html' ? /\bid="(\d{1,4})"/.exec(found)?.[1] : found;
  return digits === undefined ? NaN : Number(digits);
}

/**
 * Puts the spans back into the answer of an engine. Null unless every span is there once and nothing of a mask is left:
 * then nobody knows which number or address belongs where.
 */
export function unmask(answer: string, pieces: readonly Piece[], style: MaskStyle): string | null {
  const spans = spansOf(pieces);
  const seen = new Set<number>();
  const parts: string[] = [];
  let at = 0;
  for (const { 0: whole, 1: found = '', index } of answer.matchAll(masks[style])) {
    const number = numberIn(found, style);
    const span = spans[number];
    if (span === undefined || seen.has(number)) return null;
    seen.add(number);
    const words = plain(answer.slice(at, index), style);
    if (words === null) return null;
    parts.push(words, span.target);
    at = index + whole.length;
  }
  const rest = plain(answer.slice(at), style);
  if (rest === null || seen.size !== spans.length) return null;
  return [...parts, rest].join('').trim();
}

/** The words of an answer between two masks; null if there is a part of a mask, or a tag that nobody sent. */
function plain(text: string, style: MaskStyle): string | null {
  if (!isTagged(style)) return /__\s?PH|PH\s?\d{1,4}\s?__|\[\s?\[\s?\d/i.test(text) ? null : text;
  return /[<>]/.test(text) ? null : unescape(text);
}

function isTagged(style: MaskStyle): boolean {
  return style === 'xml' || style === 'html';
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function unescape(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (typeof decimal === 'string') return characterOf(Number(decimal), whole);
    if (typeof hex === 'string') return characterOf(Number.parseInt(hex, 16), whole);
    return named[String(name).toLowerCase()] ?? whole;
  });
}

function characterOf(code: number, otherwise: string): string {
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : otherwise;
}
