import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const service = join(import.meta.dirname, '../..');
const code = ['features.domain.ts', 'labels.domain.ts', 'phrases.domain.ts'];
const folding = ['folded-text.ts', 'han.ts'];
const trainer = ['build.ts', 'examples.ts', 'grammar.ts', 'random.ts', 'trainer.ts'];

/** A hash of all that the weights follow from: texts, phrases and the code of the training. */
export function sourceHash(): string {
  const hash = createHash('sha256');
  const read = (path: string) => hash.update(`${path}\n`).update(readFileSync(join(service, path)));
  for (const name of code) read(`src/analysis/${name}`);
  for (const name of folding) read(`../../packages/folded-text/src/${name}`);
  for (const name of trainer) read(`models/train/${name}`);
  for (const folder of ['models/phrases', 'models/train/text'])
    for (const name of readdirSync(join(service, folder)).sort()) read(`${folder}/${name}`);
  return hash.digest('hex');
}
