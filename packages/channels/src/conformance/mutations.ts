import fc from 'fast-check';

/** A value that errors must never repeat: it stands for text of a customer. */
export const plantedValue = 'planted-customer-text';

type Path = readonly (string | number)[];

const replacements = fc.oneof(
  fc.constant(plantedValue),
  fc.constantFrom(null, '', 0, -1, 1e300, true, [], {}, [null], { id: plantedValue }, '\0', '9'.repeat(300)),
  fc.jsonValue({ maxDepth: 2 }),
);

/** JSON bodies that differ from a valid one in one place: another value of any type, or no value. */
export function withOneNodeReplaced(body: string): fc.Arbitrary<string> {
  const value: unknown = JSON.parse(body);
  return fc
    .tuple(fc.constantFrom(...pathsIn(value, [])), fc.option(replacements, { nil: undefined }))
    .map(([path, replacement]) => JSON.stringify(replaced(value, path, replacement)) ?? 'null');
}

function pathsIn(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  if (Array.isArray(value)) return value.map((inner, at) => (at === key ? replaced(inner, rest, replacement) : inner));
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [key]: replaced(Reflect.get(value, key), rest, replacement) };
}
