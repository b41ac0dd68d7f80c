import { FormatRegistry, type Static, type StringOptions, type TObject, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { readFileSync } from 'node:fs';

/** Thrown when the environment does not fit; the message names every problem at once and never a value. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

FormatRegistry.Set('http-url', isUrlOf(['http:', 'https:']));
FormatRegistry.Set('postgres-url', isUrlOf(['postgres:', 'postgresql:']));

/** An address that can be used as it is: a malformed one is refused here, not by the first request. */
export const httpUrlVariable = (description: string, options: StringOptions = {}) =>
  Type.String({ format: 'http-url', description, ...options });

/** The parts of a value that is a list, separated by commas. */
export function listIn(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isUrlOf(protocols: readonly string[]): (text: string) => boolean {
  return (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol);
}

/**
 * Reads the environment against a schema whose keys are variable names. Numbers and booleans are converted, defaults
 * filled in, empty text counts as unset. `NAME_FILE` names a file that holds the value of `NAME`: containers use it for
 * secrets, because everybody who may inspect a container sees its environment.
 * @throws ConfigError
 */
export function readEnvironment<Schema extends TObject>(schema: Schema, env: NodeJS.ProcessEnv): Static<Schema> {
  const problems = new Map<string, string>();
  const given = Object.fromEntries(
    Object.keys(schema.properties)
      .map((name): [string, string] => [name, textOf(name, env, problems)])
      .filter(([, value]) => value !== ''),
  );
  const converted: unknown = Value.Convert(schema, Value.Default(schema, { ...given }));
  const value = withFractions(schema, converted, given);
  if (problems.size === 0 && Value.Check(schema, value)) return value;
  for (const { path, message, schema: part } of Value.Errors(schema, value)) {
    const name = path.slice(1);
    const isMissing = !(name in given);
    const hint = part.description === undefined ? '' : ` (${part.description})`;
    if (!problems.has(name))
      problems.set(name, isMissing ? `${name} is not set${hint}` : `${name}: ${withSmallBeginning(message)}${hint}`);
  }
  throw new ConfigError(`wrong configuration: ${[...problems.values()].join('; ')}`);
}

function withSmallBeginning(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** Convert cuts off the fraction of a number where an integer is wanted: the text stays as it is, to be refused. */
function withFractions({ properties }: TObject, converted: unknown, given: Readonly<Record<string, string>>): unknown {
  const fractions = Object.entries(given).filter(
    ([name, text]) => properties[name]?.['type'] === 'integer' && !Number.isInteger(Number(text)),
  );
  return Object.assign({}, converted, Object.fromEntries(fractions));
}

/** First words of names that other programs use as well. */
const commonWords = new Set(['ALLOW', 'DATA', 'DATABASE', 'HTTP', 'LOG', 'OTEL', 'PUBLIC', 'READ']);

/**
 * Names that are set and begin like variables of the schema, but are not in it: misspelt, or for another way to run.
 * They have no effect, so they are reported.
 */
export function unknownVariables({ properties }: TObject, env: NodeJS.ProcessEnv): string[] {
  const firstWord = (name: string): string => name.split('_', 1)[0] ?? '';
  const words = new Set(
    Object.keys(properties)
      .filter((name) => name.includes('_'))
      .map(firstWord),
  );
  const isOurs = (name: string): boolean => words.has(firstWord(name)) && !commonWords.has(firstWord(name));
  const isKnown = (name: string): boolean =>
    name.replace(/_FILE$/, '') in properties || name.startsWith('CROSSDESK_CRASH_');
  return Object.keys(env).filter((name) => (env[name] ?? '') !== '' && isOurs(name) && !isKnown(name));
}

function textOf(name: string, env: NodeJS.ProcessEnv, problems: Map<string, string>): string {
  const [text = '', file = ''] = [env[name], env[`${name}_FILE`]];
  if (file === '') return text;
  if (text !== '') problems.set(name, `${name} and ${name}_FILE are both set: keep one`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null;
    problems.set(name, `${name}_FILE cannot be read (${String(code)})`);
    return '';
  }
}
