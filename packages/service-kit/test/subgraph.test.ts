import { expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { anAgent, ask } from '@crossdesk/testkit';
import { createSubgraph } from '../src/http/subgraph.ts';
import { createLog } from '../src/runtime/log.ts';

const sdl = `
  scalar DateTime
  type Query { echo(text: String!, id: ID, list: [Part!]): [String!]! }
  input Part { words: [String!]! }`;

interface Echoed {
  readonly text: string;
  readonly id?: string | null;
  readonly list?: readonly { readonly words: readonly string[] }[];
}

const subgraph = createSubgraph({
  name: 'echo',
  sdl,
  resolvers: [
    {
      Query: {
        echo: (_: unknown, { text, id, list }: Echoed) => [
          text,
          id ?? '',
          ...(list ?? []).flatMap(({ words }) => words),
        ],
      },
    },
  ],
  log: createLog('echo', 'silent'),
  context: (request) => request,
});

test('text reaches the resolvers of every field without NUL and halves of characters, in variables and literals', async () => {
  const caller = anAgent(newId());
  const byVariables = await ask(
    subgraph,
    caller,
    'query ($text: String!, $id: ID, $list: [Part!]) { echo(text: $text, id: $id, list: $list) }',
    { text: 'a\u0000b', id: '\u0000', list: [{ words: ['c\ud83d', '😀'] }] },
  );
  expect(byVariables).toEqual({ data: { echo: ['ab', '', 'c\ufffd', '😀'] }, errors: [] });
  const byLiterals = await ask(
    subgraph,
    caller,
    String.raw`{ echo(text: "a\u0000b", id: "\u0000", list: [{ words: ["c\u0000"] }]) }`,
  );
  expect(byLiterals).toEqual({ data: { echo: ['ab', '', 'c'] }, errors: [] });
});
