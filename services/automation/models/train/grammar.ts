import { type Intent, intents, type Sentiment, sentiments } from '../../src/analysis/labels.domain.ts';
import type { Random } from './random.ts';

export interface Labels {
  readonly intents: readonly Intent[];
  readonly sentiment: Sentiment;
  readonly isComplaint: boolean;
  readonly isUrgent: boolean;
}

/** A line of the training text: alternatives in brackets, slots in braces. */
export interface Pattern extends Labels {
  readonly line: string;
}

/** The training text of one language. */
export interface Text {
  readonly language: string;
  readonly patterns: readonly Pattern[];
  /** Sentences that make any message angry, urgent or friendly, and words before it. */
  readonly tails: Readonly<Record<Tail, readonly string[]>>;
  readonly slots: ReadonlyMap<string, readonly string[]>;
}

const tailNames = ['angry', 'urgent', 'happy', 'hello'] as const;
export type Tail = (typeof tailNames)[number];

const isIntent = (name: string): name is Intent => intents.some((intent) => intent === name);
const isSentiment = (name: string): name is Sentiment => sentiments.some((sentiment) => sentiment === name);
const isTail = (name: string): name is Tail => tailNames.some((tail) => tail === name);

/**
 * Reads a file: `[intent]` or `[angry]` begins a section, ` # negative complaint urgent +refund` behind a line changes
 * its labels, `@item: a|b` fills a slot. @throws Error that names a line that cannot be read
 */
export function readText(language: string, content: string): Text {
  const patterns: Pattern[] = [];
  const tails: Record<Tail, string[]> = { angry: [], urgent: [], happy: [], hello: [] };
  const slots = new Map<string, readonly string[]>();
  let section = '';
  for (const full of content.split('\n')) {
    const line = full.trim();
    if (line === '') continue;
    if (line.startsWith('[')) section = line.slice(1, line.indexOf(']'));
    else if (line.startsWith('@')) {
      const colon = line.indexOf(':');
      slots.set(
        line.slice(1, colon),
        line
          .slice(colon + 1)
          .trim()
          .split('|'),
      );
    } else if (isTail(section)) tails[section].push(line);
    else if (isIntent(section) || section === 'none') patterns.push(readPattern(section, line));
    else throw new Error(`${language}: a line outside of a section: ${line}`);
  }
  return { language, patterns, tails, slots };
}

function readPattern(section: Intent | 'none', full: string): Pattern {
  const [line = '', marks = ''] = full.split(' # ');
  const words = marks.split(' ').filter((word) => word !== '');
  const more = words.filter((word) => word.startsWith('+')).map((word) => word.slice(1));
  const sentiment = words.find(isSentiment);
  const isBad = section === 'complaint_quality';
  return {
    line: line.trim(),
    intents: [section, ...more].filter(isIntent),
    sentiment: sentiment ?? (isBad ? 'negative' : 'neutral'),
    isComplaint: words.includes('complaint') || (isBad && (sentiment ?? 'negative') === 'negative'),
    isUrgent: words.includes('urgent'),
  };
}

/** One of the texts that a line stands for. */
export function expand(line: string, slots: Text['slots'], random: Random): string {
  let text = line;
  for (let open = text.lastIndexOf('('); open >= 0; open = text.lastIndexOf('(')) {
    const close = text.indexOf(')', open);
    if (close < 0) throw new Error(`a bracket is not closed: ${line}`);
    const chosen = random.pick(text.slice(open + 1, close).split('|')) ?? '';
    text = text.slice(0, open) + chosen + text.slice(close + 1);
  }
  for (let open = text.indexOf('{'); open >= 0; open = text.indexOf('{')) {
    const close = text.indexOf('}', open);
    if (close < 0) throw new Error(`a slot is not closed: ${line}`);
    text = text.slice(0, open) + slotOf(text.slice(open + 1, close), slots, random) + text.slice(close + 1);
  }
  return text.replaceAll('  ', ' ').trim();
}

function slotOf(name: string, slots: Text['slots'], random: Random): string {
  const own = slots.get(name);
  if (own !== undefined) return random.pick(own) ?? '';
  if (name === 'n') return String(2 + random.below(20));
  if (name === 'money') return `${5 + random.below(90)}.${10 + random.below(90)}`;
  if (name === 'id') return random.pick(['#', '', 'NT-', 'no. ']) + String(100_000 + random.below(900_000));
  throw new Error(`unknown slot {${name}}`);
}
