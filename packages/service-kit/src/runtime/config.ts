import { type Static, type TObject } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** Thrown when the environment does not fit; the message names every problem at once and never a value. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads the environment against a schema whose keys are variable names. Numbers and booleans are converted, defaults
 * filled in, empty text counts as unset.
 * @throws ConfigError
 */
export function readEnvironment<Schema extends TObject>(schema: Schema, env: NodeJS.ProcessEnv): Static<Schema> {
  const given = Object.fromEntries(
    Object.keys(schema.properties)
      .map((name): [string, string | undefined] => [name, env[name]])
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const value: unknown = Value.Convert(schema, Value.Default(schema, given));
  if (Value.Check(schema, value)) return value;
  const problems = new Map<string, string>();
  for (const { path, message, schema: part } of Value.Errors(schema, value)) {
    const name = path.slice(1);
    const isMissing = !(name in given);
    const hint = part.description === undefined ? '' : ` (${part.description})`;
    if (!problems.has(name))
      problems.set(name, isMissing ? `${name} is not set${hint}` : `${name}: ${message.toLowerCase()}${hint}`);
  }
  throw new ConfigError(`wrong configuration: ${[...problems.values()].join('; ')}`);
}
