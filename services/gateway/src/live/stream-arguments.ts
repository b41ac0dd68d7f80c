import { parseId } from '@crossdesk/contracts';
import { refusal } from '../errors.ts';

/** The arguments of a subscription field, checked against the schema. */
export type StreamArguments = Readonly<Record<string, unknown>>;

/** An argument that is an id; null when it is not given. @throws GraphQLError if it is not an id */
export function idIn<Id extends string>(args: StreamArguments, name: string): Id | null {
  const text = textIn(args, name);
  const id = text === null ? null : parseId<Id>(text);
  if (text !== null && id === null) throw refusal('BAD_USER_INPUT', `${name} is not an id`);
  return id;
}

/** A text argument; null when it is not given. */
export function textIn(args: StreamArguments, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' ? value : null;
}

/** An argument that is a list of enum values; null when it is not given. */
export function wordsIn(args: StreamArguments, name: string): readonly unknown[] | null {
  const value: unknown = args[name];
  return Array.isArray(value) ? value : null;
}
