import { expect, test } from '@jest/globals';
import { buildSchema, isEnumType } from 'graphql';
import { readFileSync } from 'node:fs';
import { errorCodes } from '../src/errors.ts';
import { supergraphSdl } from './services.ts';

const guide = readFileSync(new URL('../../../docs/frontend.md', import.meta.url), 'utf8');
const schema = buildSchema(supergraphSdl, { assumeValid: true });

function valuesOf(name: string): string[] {
  const type = schema.getType(name);
  if (!isEnumType(type)) throw new Error(`there is no enum ${name}`);
  return type.getValues().map((value) => value.name);
}

/** The codes in the first column of a table of the guide. */
function codesInTable(heading: string): string[] {
  const [, table = ''] = guide.split(new RegExp(`^\\| ${heading} +\\|.*\\n`, 'm'));
  const [rows = ''] = table.split('\n\n');
  const firstCells = rows.split('\n').map((row) => row.split('|')[1] ?? '');
  return firstCells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code));
}

const sorted = (words: Iterable<string>) => [...words].toSorted((a, b) => a.localeCompare(b));

test('the guide says what to do for every code of a GraphQL error, and names no other', () => {
  expect(sorted(codesInTable('code'))).toEqual(sorted(errorCodes));
});

test('the guide says what to do for every code of a payload, and names no other', () => {
  expect(sorted(codesInTable('`UserErrorCode`'))).toEqual(sorted(valuesOf('UserErrorCode')));
});

test('every word in capitals in the guide is a value of the schema or a code', () => {
  const enums = Object.values(schema.getTypeMap()).filter((type) => isEnumType(type));
  const known = new Set<string>([...errorCodes, ...enums.flatMap(({ name }) => valuesOf(name))]);
  const named = [...guide.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, word = '']) => word);
  expect(named.filter((word) => !known.has(word) && word !== 'CORS_ORIGINS')).toEqual([]);
  for (const state of valuesOf('MediaState')) expect(named).toContain(state);
});
