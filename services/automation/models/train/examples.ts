import { expand, type Labels, type Pattern, type Tail, type Text } from './grammar.ts';
import type { Random } from './random.ts';

export interface Example extends Labels {
  readonly text: string;
}

const variantsMax = 8;
const joinedShare = 0.15;
const tailShares = { angry: 0.14, urgent: 0.12, happy: 0.08 } as const;

/** The messages that a training text stands for, some with a second wish, a greeting, a complaint or a typing error. */
export function examplesOf(text: Text, patterns: readonly Pattern[], random: Random): Example[] {
  const examples: Example[] = [];
  for (const pattern of patterns) {
    const variants = new Set<string>();
    for (let i = 0; i < variantsMax * 2 && variants.size < variantsMax; i += 1)
      variants.add(expand(pattern.line, text.slots, random));
    for (const variant of variants) examples.push(dressed(text, { ...pattern, text: variant }, random));
    const other = random.pick(patterns);
    if (other !== undefined && random.next() < joinedShare * variants.size)
      examples.push(joined(text, pattern, other, random));
  }
  const alone = (tail: Tail, labels: Labels) =>
    text.tails[tail].map((line) => ({ ...labels, text: expand(line, text.slots, random) }));
  const nothing = { intents: [], sentiment: 'neutral', isComplaint: false, isUrgent: false } as const;
  return [
    ...examples,
    ...alone('angry', { ...nothing, sentiment: 'negative', isComplaint: true }),
    ...alone('urgent', { ...nothing, isUrgent: true }),
    ...alone('happy', { ...nothing, intents: ['thanks_other'], sentiment: 'positive' }),
    ...alone('hello', { ...nothing, intents: ['thanks_other'] }),
  ].map((example) => ({ ...example, text: misspelt(example.text, random) }));
}

function joined(text: Text, one: Pattern, other: Pattern, random: Random): Example {
  const texts = [one, other].map(({ line }) => expand(line, text.slots, random));
  return {
    text: texts.join(random.pick(['. ', ', ', ' ', '\n']) ?? ' '),
    intents: [...new Set([...one.intents, ...other.intents])],
    sentiment: [one, other].find(({ sentiment }) => sentiment !== 'neutral')?.sentiment ?? 'neutral',
    isComplaint: one.isComplaint || other.isComplaint,
    isUrgent: one.isUrgent || other.isUrgent,
  };
}

/** Adds a greeting before or a sentence behind the message. */
function dressed(text: Text, example: Example, random: Random): Example {
  const line = (tail: Tail) => expand(random.pick(text.tails[tail]) ?? '', text.slots, random);
  const has = (tail: Tail, share: number) => text.tails[tail].length > 0 && random.next() < share;
  let result = example;
  if (has('hello', 0.15)) result = { ...result, text: `${line('hello')}, ${result.text}` };
  if (has('angry', tailShares.angry) && result.sentiment !== 'positive')
    result = { ...result, text: behind(result.text, line('angry'), random), sentiment: 'negative', isComplaint: true };
  if (has('urgent', tailShares.urgent))
    result = { ...result, text: behind(result.text, line('urgent'), random), isUrgent: true };
  if (has('happy', tailShares.happy) && result.sentiment === 'neutral')
    result = { ...result, text: behind(line('happy'), result.text, random), sentiment: 'positive' };
  return result;
}

function behind(first: string, second: string, random: Random): string {
  return first + (random.pick(['. ', ', ', '! ', ' ', '\n']) ?? ' ') + second;
}

const umlauts = [...'äa|öo|üu|ßs'.split('|')].map((pair) => [pair.slice(0, 1), `${pair.slice(1)}e`] as const);

/** Now and then two letters change places, one is missing or doubled, or umlauts are written out. */
function misspelt(text: string, random: Random): string {
  const chance = random.next();
  if (chance < 0.04) return text.toUpperCase();
  if (chance < 0.1) return umlauts.reduce((result, [umlaut, plain]) => result.replaceAll(umlaut, plain), text);
  if (chance > 0.25 || text.length < 12) return text;
  const at = 1 + random.below(text.length - 3);
  const [before, one, two, after] = [text.slice(0, at), text.charAt(at), text.charAt(at + 1), text.slice(at + 2)];
  return before + (random.pick([two + one, two, one + one + two]) ?? '') + after;
}
