import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gramSet } from './grams.domain.ts';

const folder = join(import.meta.dirname, '../../../models/train/text');

/** As so many texts of a workspace counts what buyers always say. */
const commonCount = 200;

let known: ReadonlyMap<number, number> | null = null;

/** How much a gram says that this many of the texts of a workspace have. */
export function rarityOfGram(gram: number, frequency: number, count: number): number {
  known ??= readCommon();
  const found = frequency + commonCount * (known.get(gram) ?? 0);
  // More than the logarithm: a question has many common grams, and together they must not outweigh the rare ones.
  return Math.log(1 + (count + commonCount - found + 0.5) / (found + 0.5)) ** 2;
}

/**
 * What share of ordinary shop talk has a gram, in the language where that is most: of the messages that the model is
 * trained with. With it "how do I" weighs little also in a workspace with three articles. Read when somebody asks for the
 * first time.
 */
function readCommon(): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  for (const file of readdirSync(folder).sort()) {
    const lines = readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:[[#@]|$)/.test(line));
    const counts = new Map<number, number>();
    for (const line of lines) for (const gram of gramSet(line)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
    for (const [gram, count] of counts) shares.set(gram, Math.max(shares.get(gram) ?? 0, count / lines.length));
  }
  return shares;
}
