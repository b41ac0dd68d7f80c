import { type Channel, channels } from '@crossdesk/channels';
import { samples } from '@crossdesk/channels/samples';
import { hostileMails } from './hostile-mails.ts';

/** A body that somebody with the secret of an account could send. */
export interface HostileBody {
  readonly channel: Channel;
  readonly name: string;
  /** Made when it is needed: all of them are hundreds of megabytes. */
  readonly make: () => string;
}

const bytesMax = 3 * 1024 * 1024;
/** JSON with more values than this is not read. */
const valuesMax = 49_900;

/** Values that cost time or memory when they are matched, split, sorted, stored or shown. */
const values: Readonly<Record<string, unknown>> = {
  slashes: '/'.repeat(40_000),
  spaces: `x${' '.repeat(40_000)}x`,
  digits: '9'.repeat(40_000),
  signs: `${'-+()'.repeat(10_000)}x`,
  mails: `${'a@'.repeat(20_000)}a`,
  dots: `1${'.1'.repeat(20_000)}`,
  address: `https://${'a.'.repeat(20_000)}/`,
  instant: `2026-01-01T00:00:00.${'0'.repeat(40_000)}Z`,
  locale: `en-${'x-'.repeat(20_000)}`,
  escapes: '\u0000\ud800"\\'.repeat(5_000),
  combining: `e${'\u0301'.repeat(20_000)}`,
  json: '{"a":'.repeat(20_000),
  nothing: null,
  list: Array.from({ length: 20_000 }, (_, n) => n),
  object: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`key ${n}`, n])),
  negative: -1e308,
};

/** The channels that receive deliveries: every one that has samples of them. */
export const hostileChannels = channels.filter((channel) => samples[channel].webhooks !== null);

/** Those whose deliveries are JSON: all but mail. */
const jsonChannels = hostileChannels.filter((channel) => channel !== 'email');

/** Bodies made of the samples of every channel, and bodies that are work for any reader of JSON. */
export function hostileBodies(): { readonly mutated: HostileBody[]; readonly largest: HostileBody[] } {
  const found = jsonChannels.map((channel) => {
    const { messages = [], others = [] } = samples[channel].webhooks ?? {};
    const all = [...messages.map(({ body }) => body), ...others].map(parsed);
    return { channel, message: all[0], places: placesIn(all) };
  });
  const mails = hostileMails(samples.email.webhooks?.messages[0]?.body ?? '', Object.entries(values), valuesPerPlace);
  const ofMail = (made: readonly { readonly name: string; readonly make: () => string }[]) =>
    made.map((one) => ({ channel: 'email' as const, ...one }));
  const plain = Object.entries(texts).map(([name, make]) => ({ channel: 'generic' as const, name, make }));
  return {
    mutated: [
      ...found.flatMap(({ channel, places }) => places.flatMap((place, n) => mutationsOf(channel, place, n))),
      ...ofMail(mails.mutated),
    ],
    largest: [
      ...found.flatMap(({ channel, places }) => fullLists(channel, places)),
      ...found.flatMap(({ channel, message }) => longTexts(channel, message)),
      ...plain,
      ...ofMail(mails.largest),
    ],
  };
}

/** A value inside a sample. */
interface Place {
  readonly sample: unknown;
  readonly path: readonly string[];
  readonly value: unknown;
}

function parsed(body: string): unknown {
  return JSON.parse(body);
}

/** Every place of the samples, each once: elements of a list are one place. */
function placesIn(all: readonly unknown[]): Place[] {
  const found = all.flatMap((sample) => pathsOf(sample).map(({ path, value }) => ({ sample, path, value })));
  const keyOf = ({ path }: Place) => path.map((name) => (/^\d+$/.test(name) ? '*' : name)).join('.');
  return [...new Map(found.toReversed().map((place) => [keyOf(place), place])).values()];
}

/** JSON in a text is descended into, as TikTok Shop has it. */
function pathsOf(value: unknown): { readonly path: readonly string[]; readonly value: unknown }[] {
  const inner = insideText(value) ?? value;
  const below = typeof inner === 'object' && inner !== null ? Object.entries(inner) : [];
  return [
    { path: [], value },
    ...below.flatMap(([key, part]) =>
      pathsOf(part).map(({ path, value: deep }) => ({ path: [key, ...path], value: deep })),
    ),
  ];
}

function insideText(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('{') ? parsed(value) : null;
}

function replaced(value: unknown, [key, ...path]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const inner = insideText(value);
  if (inner !== null) return JSON.stringify(replaced(inner, [key, ...path], by));
  if (Array.isArray(value)) return value.map((part, n) => (String(n) === key ? replaced(part, path, by) : part));
  return { ...Object(value), [key]: replaced(Reflect.get(Object(value), key), path, by) };
}

/** Some of the values in turn, so that all of them are tried in each channel. */
const valuesPerPlace = 4;

function mutationsOf(channel: Channel, { sample, path }: Place, turn: number): HostileBody[] {
  const all = Object.entries(values);
  return Array.from({ length: valuesPerPlace }, (_, n) => all.at((turn * valuesPerPlace + n) % all.length)).flatMap(
    (one) => {
      if (one === undefined) return [];
      const [name, value] = one;
      return [
        { channel, name: `${path.join('.')} = ${name}`, make: () => JSON.stringify(replaced(sample, path, value)) },
      ];
    },
  );
}

/** Each list of the samples with as many elements as fit into the largest body that is still read. */
function fullLists(channel: Channel, places: readonly Place[]): HostileBody[] {
  return places.flatMap(({ sample, path, value }) => {
    const [element] = Array.isArray(value) ? value : [];
    if (element === undefined) return [];
    const ofOne = (n: number) => numbered(element, n, /^(external)?id$|(^message_?|_)id$|^url$/i);
    const ofMany = (n: number) => numbered(element, n, /id$|^url$|^from$/i);
    const areSame = JSON.stringify(ofOne(1)) === JSON.stringify(ofMany(1));
    const kinds: Readonly<Record<string, () => unknown>> = {
      'other ids': () => replaced(sample, path, many(ofOne)),
      ...(areSame ? {} : { 'other people': () => replaced(sample, path, many(ofMany)) }),
      'numbers only': () =>
        replaced(
          sample,
          path,
          many(() => 1),
        ),
      'long ids beside it': () => replaced(withLongIds(sample, path), path, many(ofMany).slice(0, 10_000)),
    };
    return Object.entries(kinds).map(([kind, make]) => ({
      channel,
      name: `${path.join('.')} with ${kind}`,
      make: () => JSON.stringify(make()),
    }));
  });
}

/** The element with another id: the number is added to the texts and numbers of these names. */
function numbered(value: unknown, n: number, names: RegExp): unknown {
  if (typeof value === 'string') return `${value}${n}`;
  if (typeof value === 'number') return value + n;
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      typeof part === 'object' || names.test(name) ? numbered(part, n, names) : part,
    ]),
  );
}

/** Three long ids still fit beside the list. */
function withLongIds(sample: unknown, list: readonly string[]): unknown {
  const isInside = (path: readonly string[]) => list.every((name, n) => path[n] === name);
  const ids = pathsOf(sample).filter(
    ({ path, value }) => /id$/i.test(path.at(-1) ?? '') && typeof value === 'string' && !isInside(path),
  );
  return ids.slice(-3).reduce((whole, { path }) => replaced(whole, path, 'x'.repeat(700_000)), sample);
}

function many(element: (n: number) => unknown): unknown[] {
  const json = JSON.stringify(element(99_999));
  const valuesEach = 1 + [...json.matchAll(/[,[{]/g)].length;
  const count = Math.min(Math.floor(bytesMax / (json.length + 1)) - 100, Math.floor(valuesMax / valuesEach));
  return Array.from({ length: count }, (_, n) => element(n));
}

/** Longer than any platform allows; everybody behind ingest gets a part of it. */
const longText = '文'.repeat(90_000) + 'x'.repeat(180_000);

/** A message with each of its texts long, and each third one as long as the body may be. */
function longTexts(channel: Channel, message: unknown): HostileBody[] {
  const texts = pathsOf(message).filter(({ value }) => typeof value === 'string' && insideText(value) === null);
  return texts.flatMap(({ path }, n) =>
    [longText, ...(n % 3 === 0 ? ['x'.repeat(bytesMax - 4_000)] : [])].map((text) => ({
      channel,
      name: `${path.join('.')} of ${text.length} characters`,
      make: () => JSON.stringify(replaced(withOtherIds(channel, message, `${n}${text.length}`), path, text)),
    })),
  );
}

/** The same delivery or message again would be dropped. */
function withOtherIds(channel: Channel, message: unknown, more: string): unknown {
  const { externalAccountId } = samples[channel].account;
  return pathsOf(message).reduce(
    (whole, { path, value }) =>
      /id$/i.test(path.at(-1) ?? '') && typeof value === 'string' && value !== externalAccountId
        ? replaced(whole, path, `${value.slice(0, -more.length)}${more}`)
        : whole,
    message,
  );
}

/** Bodies whose JSON alone is work, whoever reads them. */
const texts: Readonly<Record<string, () => string>> = {
  'deep arrays': () => '['.repeat(bytesMax),
  'closed deep arrays': () => '['.repeat(bytesMax / 2) + ']'.repeat(bytesMax / 2),
  'deep objects': () => '{"a":'.repeat(bytesMax / 5),
  'empty arrays': () => `[${'[],'.repeat(bytesMax / 3 - 10)}[]]`,
  'empty objects': () => `[${'{},'.repeat(bytesMax / 3 - 10)}{}]`,
  'one number': () => `[${'9'.repeat(bytesMax - 2)}]`,
  'long numbers': () => `[${'12345678901234567890,'.repeat(bytesMax / 21 - 1)}1]`,
  exponents: () => `[${'1e999999,'.repeat(bytesMax / 9 - 1)}1]`,
  'equal keys': () => `{${'"a":1,'.repeat(bytesMax / 6 - 10)}"a":1}`,
  'many keys': () => JSON.stringify(Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`k${n}`, n]))),
  prototypes: () => `{${'"__proto__":{"a":1},'.repeat(10_000)}"constructor":{"prototype":{}}}`,
  spaces: () => ' '.repeat(bytesMax),
  'no UTF-8': () => '\ud800'.repeat(bytesMax / 3),
  empty: () => '',
};
