import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { undescribed } from './undescribed.ts';

test('every place of the schema that clients see is described', () => {
  const supergraph = readFileSync(join(root, 'services/gateway/supergraph.graphql'), 'utf8');
  expect(undescribed(parse(supergraph))).toEqual([]);
});

test('each kind of place without a description is named', () => {
  const sdl = `
    type Query { thing(id: ID!, "Which." kind: Kind): Thing }
    "A thing." type Thing { id: ID! " " name: String }
    type Bare { "Stable." id: ID! }
    input Wish { text: String }
    enum Kind { A "The second." B }
    scalar Time
    scalar join__FieldSet`;
  expect(undescribed(parse(sdl))).toEqual([
    'Query.thing',
    'Query.thing(id:)',
    'Thing.id',
    'Thing.name',
    'Bare',
    'Wish',
    'Wish.text',
    'Kind',
    'Kind.A',
    'Time',
  ]);
});
