/** A value that errors must never repeat: it stands for text of a customer. */
export const plantedValue = 'planted-customer-text';

/** A body that differs from a recorded one in one place. */
export interface Mutation {
  /** The place that differs, as in `Fact.at`. */
  readonly at: string;
  readonly body: string;
}

type Path = readonly (string | number)[];

const oddTexts = ['', '-', '\0\ud800', '\u2800\u200d', '２０２６', '9'.repeat(300), plantedValue.repeat(20)];
const oddValues: readonly unknown[] = [null, ...oddTexts, 0, -1.5, 1e300, true, [], [null], { id: plantedValue }];

/** Every field in turn absent, null, of another type, quoted, empty, huge or odd; every array reversed and repeated. */
export function* mutationsOf(body: string): Generator<Mutation> {
  const whole: unknown = JSON.parse(body);
  for (const { path, value } of nodesIn(whole, [])) {
    for (const other of [undefined, ...oddValues, ...variantsOf(value)]) {
      const mutated = JSON.stringify(replaced(whole, path, other));
      if (mutated !== undefined && mutated !== body) yield { at: path.join('.'), body: mutated };
    }
  }
}

/** The same value in another form. */
function variantsOf(value: unknown): readonly unknown[] {
  if (typeof value === 'number') return [String(value), value * 1_000];
  if (typeof value === 'string') return [Number(value) || 7, [value]];
  if (Array.isArray(value)) return [value.toReversed(), [...value, ...value], value[0]];
  return [];
}

function* nodesIn(value: unknown, path: Path): Generator<{ readonly path: Path; readonly value: unknown }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, inner] of entries) yield* nodesIn(inner, [...path, key]);
}

function replaced(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  if (Array.isArray(value)) return value.map((inner, at) => (at === key ? replaced(inner, rest, replacement) : inner));
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [key]: replaced(Reflect.get(value, key), rest, replacement) };
}
