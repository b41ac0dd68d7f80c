import { fold, type FoldedText, isUnspaced, isWordCode } from '@crossdesk/folded-text';
import type { Span } from './labels.domain.ts';

/** A phrase that was found; the span is in the folded text. */
export interface FoundPhrase extends Span {
  readonly label: string;
}

interface Ending {
  readonly label: string;
  /** The word may go on behind the phrase. */
  readonly isPrefix: boolean;
}

interface Node {
  readonly next: Map<number, Node>;
  readonly endings: Ending[];
}

/** All phrases as two trees of characters: those that begin a word, and those that may begin anywhere. */
export interface Phrases {
  readonly atWords: Node;
  readonly anywhere: Node;
}

export function noPhrases(): Phrases {
  return { atWords: { next: new Map(), endings: [] }, anywhere: { next: new Map(), endings: [] } };
}

/**
 * Adds the phrases of a file: a line is `label: phrase, phrase`. A phrase stands for whole words; `refund*` also for
 * words that begin so, `*refund*` also inside of a word. In scripts without spaces a phrase may stand anywhere.
 */
export function addPhrases(phrases: Phrases, lines: string): void {
  for (const line of lines.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0 || line.startsWith('#')) continue;
    const label = line.slice(0, colon).trim();
    for (const phrase of line.slice(colon + 1).split(',')) add(phrases, label, phrase.trim());
  }
}

function add({ atWords, anywhere }: Phrases, label: string, phrase: string): void {
  const { text } = fold(phrase.replaceAll('*', ''));
  if (text.trim() === '') return;
  const first = text.charCodeAt(0);
  const isAnywhere = phrase.startsWith('*') || isUnspaced(first) || !isWordCode(first);
  const last = text.charCodeAt(text.length - 1);
  const isPrefix = phrase.endsWith('*') || isUnspaced(last) || !isWordCode(last);
  let node = isAnywhere ? anywhere : atWords;
  for (const letter of text.trim().split('')) {
    const code = letter.charCodeAt(0);
    const next = node.next.get(code) ?? { next: new Map(), endings: [] };
    node.next.set(code, next);
    node = next;
  }
  node.endings.push({ label, isPrefix });
}

/** Every phrase in the text. The work for each character is limited by the longest phrase. */
export function findPhrases({ atWords, anywhere }: Phrases, { text }: FoldedText): FoundPhrase[] {
  const found: FoundPhrase[] = [];
  let wasWord = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Scripts without spaces end a word of another script.
    const isWord = isWordCode(code) && !isUnspaced(code);
    walk(anywhere, text, at, found);
    if (isWord && !wasWord) walk(atWords, text, at, found);
    wasWord = isWord;
  }
  return found;
}

function walk(from: Node, text: string, start: number, found: FoundPhrase[]): void {
  let node: Node | undefined = from;
  for (let end = start; end < text.length;) {
    node = node.next.get(text.charCodeAt(end));
    if (node === undefined) return;
    end += 1;
    if (node.endings.length === 0) continue;
    const next = text.charCodeAt(end);
    const goesOn = end < text.length && isWordCode(next) && !isUnspaced(next);
    for (const { label, isPrefix } of node.endings) if (isPrefix || !goesOn) found.push({ label, start, end });
  }
}
