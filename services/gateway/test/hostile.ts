/** A generated list of hostile requests: text bodies as an attacker sends them. The same list at each run. */
export function hostileBodies(count: number): string[] {
  const random = randomFrom(7);
  return Array.from({ length: count }, (_, n) => {
    const make = makers[n % makers.length];
    if (make === undefined) throw new Error('there are makers');
    return make(1 + random(40), random);
  });
}

type Random = (below: number) => number;
type Maker = (size: number, random: Random) => string;

function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const times = (count: number, part: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => part(n)).join(' ');
const body = (query: string, variables: unknown = {}): string => JSON.stringify({ query, variables });
const markRead =
  'mutation($input: MarkConversationReadInput!) { markConversationRead(input: $input) { errors { code } } }';
const inbox =
  'edges { node { id buyerName account { displayName } customer { displayName orders(first: 3) { externalId } } messages(first: 2) { edges { node { text language { locale } } } } } }';

const makers: readonly Maker[] = [
  (size) => body(`{ ${'customer(id: "c") { conversations { '.repeat(size)} id ${'} }'.repeat(size)} }`),
  (size) => body(`{ ${times(size * 20, (n) => `a${n}: me { id }`)} }`),
  (size) => body(`{ ${times(size * 40, () => 'me { id }')} }`),
  (size) => body(`{ me { ${times(size * 30, (n) => `unknown${n}`)} } }`),
  (size) => body(`{ me ${'@include(if: true) '.repeat(size * 10)} { id } }`),
  (size) =>
    body(
      `{ ...F0 } ${times(size * 3, (n) => `fragment F${n} on Query { a: me { id } ...F${n + 1} ...F${n + 1} }`)} fragment F${size * 3} on Query { me { id } }`,
    ),
  (size) => body(`{ ...A } ${times(size, (n) => `fragment A${n} on Query { ...A }`)} fragment A on Query { ...A }`),
  (size) => body(markRead, { input: Object.fromEntries(Array.from({ length: size * 100 }, (_, n) => [`f${n}`, n])) }),
  (size) => body(markRead, { input: { conversationId: Array.from({ length: size * 500 }, (_, n) => n) } }),
  (size) => body(markRead, { input: { expectedVersion: 'x'.repeat(size * 2_500) } }),
  (size) =>
    `{"query":${JSON.stringify(markRead)},"variables":{"input":${'{"a":'.repeat(size * 400)}0${'}'.repeat(size * 400)}}}`,
  (size) => body(`{ conversation(id: ${'['.repeat(size * 40)}${']'.repeat(size * 40)}) { id } }`),
  (size) => body(`{ conversation(id: "${'x'.repeat(size * 2_500)}", no: 1) { id } }`),
  (size) => body(`query(${times(size * 20, (n) => `$v${n}: Int = ${n}`)}) { me { id } }`),
  (size, random) =>
    body(`{ ${times(Math.min(size, 9), (n) => `c${n}_${random(1_000_000)}: conversations(first: 1) { ${inbox} }`)} }`),
  (size) =>
    body(
      `{ ${times(Math.min(size, 10), (n) => `s${n}: __schema { types { fields { type { ofType { ofType { name } } } } } }`)} }`,
    ),
  (size) => body(`{ __type(name: "Query") { ${'fields { type { '.repeat(size)} name ${'} } '.repeat(size)} } }`),
  (size) => body(`{ conversations(first: ${'9'.repeat(size)}) { edges { node { id } } } }`),
  (size) => body(`{ ${'y'.repeat(size * 2_500)} }`),
  (size) => body(`${'#'.repeat(size * 3_000)}\n{ me { id } }`),
  (size) => `[${times(size * 50, () => '{"query":"{ me { id } }"},')}{}]`,
  (size) => '{"query":' + '"\\u0000\\ud800'.repeat(size),
  (size) => body(`query A { me { id } } ${times(size * 20, (n) => `query B${n} { me { id } }`)}`),
];
