import { SaxesParser } from 'saxes';

/** A sentence in several languages, as TMX has it. */
export interface TmxUnit {
  readonly texts: ReadonlyMap<string, string>;
}

/** Native codes inside a sentence: what stands in them is not for people. */
const codes = new Set(['bpt', 'ept', 'it', 'ph', 'ut']);

/** Reads TMX 1.4. @throws TmxError for a file that is none */
export function readTmx(xml: string): TmxUnit[] {
  const units: TmxUnit[] = [];
  let texts = new Map<string, string>();
  let locale: string | null = null;
  let text: string | null = null;
  let codeDepth = 0;
  let isTmx = false;
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('error', (cause) => {
    throw new TmxError('The file is not well-formed XML.', { cause });
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'tmx') isTmx = true;
    if (name === 'tu') texts = new Map();
    if (name === 'tuv') locale = attributes['xml:lang'] ?? attributes['lang'] ?? null;
    if (name === 'seg') text = '';
    if (codes.has(name)) codeDepth += 1;
  });
  const add = (part: string) => {
    if (text !== null && codeDepth === 0) text += part;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', ({ name }) => {
    if (codes.has(name)) codeDepth -= 1;
    if (name === 'seg' && locale !== null && text !== null) texts.set(locale, text);
    if (name === 'seg') text = null;
    if (name === 'tu') units.push({ texts });
  });
  parser.write(xml).close();
  if (!isTmx) throw new TmxError('The file is no TMX.');
  return units;
}

export class TmxError extends Error {
  override name = 'TmxError';
}

export interface TmxPair {
  readonly source: string;
  readonly target: string;
  readonly isApproved: boolean;
  readonly changedAt: Date;
}

/** Writes TMX 1.4b. */
export function writeTmx(sourceLanguage: string, targetLanguage: string, pairs: readonly TmxPair[]): string {
  const tuv = (language: string, text: string) => `      <tuv xml:lang="${language}"><seg>${escape(text)}</seg></tuv>`;
  const units = pairs.map(({ source, target, isApproved, changedAt }) =>
    [
      `    <tu changedate="${tmxDate(changedAt)}">`,
      `      <prop type="x-crossdesk-approved">${isApproved ? 'yes' : 'no'}</prop>`,
      tuv(sourceLanguage, source),
      tuv(targetLanguage, target),
      '    </tu>',
    ].join('\n'),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE tmx SYSTEM "tmx14.dtd">',
    '<tmx version="1.4">',
    `  <header creationtool="crossdesk" creationtoolversion="1" segtype="sentence" o-tmf="crossdesk" adminlang="en" srclang="${sourceLanguage}" datatype="plaintext"/>`,
    '  <body>',
    ...units,
    '  </body>',
    '</tmx>',
    '',
  ].join('\n');
}

/** 20260302T140000Z */
function tmxDate(instant: Date): string {
  return `${instant.toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
}

/** XML has no control characters, not even escaped. */
function escape(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
