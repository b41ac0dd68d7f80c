import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A raw mail of the shape that a program writes, with lines as on the wire. */
export interface RawMail {
  readonly name: string;
  readonly mail: string;
}

const folder = join(import.meta.dirname, 'corpus');

/** The mails that began the threads of our answers, where they are in the corpus. */
const beginnings: Readonly<Record<string, string>> = {
  A: 'CAJx4Q1+ana.first@mail.gmail.example',
  plus: 'plus0@handy.example',
};

/** The token of the thread of our answer with this name. */
function tokenOf(answer: string): string {
  return digest(beginnings[answer] ?? answer).slice(0, 32);
}

/** The id of our answer with this name. */
export function answerId(answer: string): string {
  const hex = digest(`answer ${answer}`);
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
  return `${uuid}.${tokenOf(answer)}@shop.example`;
}

function digest(words: string): string {
  return createHash('sha256').update(words).digest('hex');
}

/** All mails of the folder. `ANSWER-x` stands for the id of our answer x, `TOKEN-x` for the token of its thread. */
export const corpus: readonly RawMail[] = readdirSync(folder)
  .toSorted()
  .map((file) => ({
    name: file.replace('.eml', ''),
    mail: readFileSync(join(folder, file), 'utf8')
      .replaceAll('\n', '\r\n')
      .replaceAll(/ANSWER-([\w-]+)/g, (_, answer: string) => answerId(answer))
      .replaceAll(/TOKEN-([\w-]+)/g, (_, answer: string) => tokenOf(answer)),
  }));
