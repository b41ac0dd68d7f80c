import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The prompts in use, each in a file of `prompts/` that never changes: another text is another version. */
const versions = { classify: 1, draft: 1, summary: 1, test: 1, translate: 1 } as const;
export type PromptName = keyof typeof versions;

/** Values chosen by this program, such as languages. Words of people never go into a prompt: see `asData`. */
export type PromptValues = Readonly<Record<string, string>>;

export interface Prompt {
  /** For instance "translate.1". */
  readonly version: string;
  readonly text: string;
}

const directory = join(import.meta.dirname, '../../prompts');
const texts = new Map<string, string>();

/** @throws Error for a value that is missing or that could be more than a name */
export function promptOf(name: PromptName, values: PromptValues): Prompt {
  const version = `${name}.${versions[name]}`;
  const text = texts.get(version) ?? readFileSync(join(directory, `${version}.md`), 'utf8').trim();
  texts.set(version, text);
  return { version, text: text.replaceAll(/\{([a-zA-Z]+)\}/g, (_all, key: string) => nameIn(values, key)) };
}

function nameIn(values: PromptValues, key: string): string {
  const value = values[key];
  if (value === undefined || !/^[\w-]{1,60}$/.test(value)) throw new Error(`the prompt has no value for ${key}`);
  return value;
}

/**
 * Words of people as a message of their own: JSON, in which no mark of a chat format is left. Models that are told so
 * treat it as data; what they answer is checked all the same.
 */
export function asData(value: object): string {
  return JSON.stringify(value).replaceAll(/[<>|]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`);
}
