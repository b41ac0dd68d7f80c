import { type EnumName, toEnum } from '@crossdesk/service-kit';

/** The word of ours behind a GraphQL enum value; the schema let no other value through. */
export function fromEnum<Word extends string>(words: readonly Word[], value: EnumName<Word>): Word {
  const word = words.find((candidate) => String(toEnum(candidate)) === value);
  if (word === undefined) throw new Error('the schema and the words of an enum differ: bring them together');
  return word;
}
