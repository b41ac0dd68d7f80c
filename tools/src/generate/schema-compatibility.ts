export type Schema = Readonly<Record<string, unknown>>;

export interface Comparison {
  /** Changes that break a consumer of the old schema, or old events under the new one. */
  readonly breaks: string[];
  /** Changes that are allowed but need an order of deployment. */
  readonly notes: string[];
}

/** Keywords that describe a schema and put no condition on a value. */
const annotations = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples', 'default']);
/** Keywords with their own rules below; any other keyword must not change. */
const compared = new Set(['properties', 'required', 'items', 'anyOf', 'enum', 'additionalProperties']);

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listAt(schema: Schema, keyword: string): readonly unknown[] {
  const value = schema[keyword];
  return Array.isArray(value) ? value : [];
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function keywordBreaks(before: Schema, after: Schema, at: string): string[] {
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keywords]
    .filter((keyword) => !annotations.has(keyword) && !compared.has(keyword))
    .filter((keyword) => !same(before[keyword], after[keyword]))
    .map((keyword) => `${at} changed ${keyword} from ${describe(before[keyword])} to ${describe(after[keyword])}`);
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function compareProperties(before: Schema, after: Schema, at: string, into: Comparison): void {
  const old = isSchema(before['properties']) ? before['properties'] : {};
  const now = isSchema(after['properties']) ? after['properties'] : {};
  const wasRequired = new Set(listAt(before, 'required'));
  const isRequired = new Set(listAt(after, 'required'));
  for (const [name, oldProperty] of Object.entries(old)) {
    const property = now[name];
    if (!isSchema(property) || !isSchema(oldProperty)) into.breaks.push(`${at}/${name} was removed`);
    else compare(oldProperty, property, `${at}/${name}`, into);
    if (wasRequired.has(name) && name in now && !isRequired.has(name)) {
      into.breaks.push(`${at}/${name} is no longer always there`);
    }
  }
  for (const name of isRequired) {
    if (!wasRequired.has(name)) into.breaks.push(`${at}/${String(name)} became required, but older events lack it`);
  }
  if (
    after['additionalProperties'] !== undefined &&
    !same(before['additionalProperties'], after['additionalProperties'])
  ) {
    into.breaks.push(`${at} closes itself to additional properties`);
  }
}

function compareEnum(before: Schema, after: Schema, at: string, into: Comparison): void {
  if (before['enum'] === undefined && after['enum'] === undefined) return;
  if (before['enum'] === undefined || after['enum'] === undefined) {
    into.breaks.push(`${at} ${after['enum'] === undefined ? 'is no longer' : 'became'} a closed list`);
    return;
  }
  const old = listAt(before, 'enum');
  const now = listAt(after, 'enum');
  for (const value of old) if (!now.includes(value)) into.breaks.push(`${at} lost the value ${describe(value)}`);
  for (const value of now) if (!old.includes(value)) into.notes.push(newcomer(at, `value ${describe(value)}`));
}

function newcomer(at: string, what: string): string {
  return `${at} has the new ${what}; deploy every consumer before the producer`;
}

/** The key that tells the variants of a union apart: the possible values of `kind`, or the type. */
function variantName(variant: Schema): string {
  const properties = isSchema(variant['properties']) ? variant['properties'] : {};
  const kind = properties['kind'];
  if (isSchema(kind)) return `kind ${describe(kind['const'] ?? listAt(kind, 'enum')[0])}`;
  return variant['const'] === undefined ? `type ${describe(variant['type'])}` : describe(variant['const']);
}

function compareVariants(before: Schema, after: Schema, at: string, into: Comparison): void {
  const old = listAt(before, 'anyOf').filter(isSchema);
  const now = listAt(after, 'anyOf').filter(isSchema);
  if (old.length === 0 && now.length === 0) return;
  if (old.length === 0 || now.length === 0) {
    into.breaks.push(`${at} ${now.length === 0 ? 'is no longer' : 'became'} a choice between variants`);
    return;
  }
  for (const variant of old) {
    const counterpart = now.find((candidate) => variantName(candidate) === variantName(variant));
    if (counterpart === undefined) into.breaks.push(`${at} lost the variant ${variantName(variant)}`);
    else compare(variant, counterpart, `${at}<${variantName(variant)}>`, into);
  }
  for (const variant of now) {
    if (old.some((candidate) => variantName(candidate) === variantName(variant))) continue;
    if (variant['type'] === 'null') into.breaks.push(`${at} may now be null`);
    else into.notes.push(newcomer(at, `variant ${variantName(variant)}`));
  }
}

function compare(before: Schema, after: Schema, at: string, into: Comparison): void {
  into.breaks.push(...keywordBreaks(before, after, at));
  compareProperties(before, after, at, into);
  compareEnum(before, after, at, into);
  compareVariants(before, after, at, into);
  const [oldItems, items] = [before['items'], after['items']];
  if (isSchema(oldItems) && isSchema(items)) compare(oldItems, items, `${at}[]`, into);
  else if (!same(oldItems, items)) into.breaks.push(`${at} changed what its items are`);
}

/** The schema of a whole event: its own schema merged into that of the envelope it refers to. */
export function withEnvelope(event: Schema, envelope: Schema): Schema {
  const { allOf, ...own } = event;
  if (allOf === undefined) return own;
  const common = isSchema(envelope['properties']) ? envelope['properties'] : {};
  const special = isSchema(own['properties']) ? own['properties'] : {};
  const properties = Object.fromEntries(
    Object.keys({ ...common, ...special }).map((name) => [name, { ...at(common, name), ...at(special, name) }]),
  );
  return { ...own, properties, required: [...listAt(envelope, 'required'), ...listAt(own, 'required')] };
}

function at(schemas: Schema, name: string): Schema {
  const schema = schemas[name];
  return isSchema(schema) ? schema : {};
}

/**
 * Compares two versions of one event schema. Within a version only optional properties may be added: consumers of the
 * old schema must read new events, and the new schema must read every old event in the log.
 */
export function compareSchemas(before: unknown, after: unknown): Comparison {
  const comparison: Comparison = { breaks: [], notes: [] };
  if (!isSchema(before) || !isSchema(after)) throw new Error('a schema file must hold a JSON object');
  compare(before, after, '', comparison);
  return comparison;
}
