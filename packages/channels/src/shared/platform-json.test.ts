import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UnparsableDelivery } from '../port/errors.ts';
import {
  answerJson,
  boolean,
  deliveryJson,
  field,
  instant,
  integer,
  list,
  milliseconds,
  number,
  parsePlatformJson,
  seconds,
  text,
  toldInstant,
  toldSeconds,
} from './platform-json.ts';

const bytes = (json: string) => new TextEncoder().encode(json);

describe('parsing', () => {
  test('an integer beyond the safe range keeps every digit as text', () => {
    const value = parsePlatformJson('{"id":576460752303423489,"small":42,"price":19.9,"long":0.12345678901234567890}');
    expect(value).toEqual({ id: '576460752303423489', small: 42, price: 19.9, long: '0.12345678901234567890' });
  });

  test('reads any JSON value as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value);
        const plain: unknown = JSON.parse(json, (_, inner: unknown) =>
          Number.isFinite(inner) ? String(inner) : inner,
        );
        const ours: unknown = JSON.parse(JSON.stringify(parsePlatformJson(json)), (_, inner: unknown) =>
          Number.isFinite(inner) ? String(inner) : inner,
        );
        expect(ours).toEqual(plain);
      }),
    );
  });

  test('of two equal keys the last one wins, also beside long numbers', () => {
    expect(parsePlatformJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(parsePlatformJson('{"a":1,"a":2,"id":9007199254740993}')).toEqual({ a: 2, id: '9007199254740993' });
  });

  test('a number keeps its value in every notation', () => {
    const written = ['1e400', '1E5', '-12e-3', '123456789012345', '1234567890.123456', '9007199254740993.0', '-0.5'];
    for (const digits of written) expect(Number(parsePlatformJson(digits))).toBe(Number(digits));
    expect(parsePlatformJson('[1e400,1234567890.12345678901]')).toEqual(['1e400', '1234567890.12345678901']);
  });

  test('an error never repeats the input', () => {
    for (const json of ['', '{"phone":"+49151', '{"phone":"+49151","id":9007199254740993', '['.repeat(200_000)])
      expect(() => parsePlatformJson(json)).toThrow(new SyntaxError('not JSON'));
  });

  test('a key named __proto__ is data and changes no prototype', () => {
    const value = parsePlatformJson('{"__proto__":{"admin":true}}');
    expect(field(value, 'admin')).toBeUndefined();
    expect(field({}, 'admin')).toBeUndefined();
  });

  test('a body that is not UTF-8 or not JSON is an unparsable delivery', () => {
    for (const body of [new Uint8Array([0x22, 0xff, 0x22]), bytes(''), bytes('<html>')])
      expect(() => deliveryJson(body)).toThrow(UnparsableDelivery);
    expect(deliveryJson(bytes('{"name":"Zoë"}'))).toEqual({ name: 'Zoë' });
  });

  test('an answer that is not JSON is undefined', () => {
    expect(answerJson('<h1>Bad gateway</h1>')).toBeUndefined();
    expect(answerJson('{"ok":1}')).toEqual({ ok: 1 });
  });
});

describe('readers', () => {
  test('field follows only own keys of objects', () => {
    const value = { a: { b: [{ c: 1 }] }, none: null };
    expect(field(value, 'a', 'b')).toEqual([{ c: 1 }]);
    expect(field(value, 'a', 'x', 'y')).toBeUndefined();
    expect(field(value, 'none', 'x')).toBeUndefined();
    expect(field(value, 'toString')).toBeUndefined();
    expect(field('text', 'length')).toBeUndefined();
    expect(field(undefined, 'a')).toBeUndefined();
  });

  test('text accepts numbers, removes characters that PostgreSQL cannot store and turns "" into null', () => {
    expect(text('hi')).toBe('hi');
    expect(text(42)).toBe('42');
    expect(text('a\0b')).toBe('ab');
    expect(text('a\ud800b')).toBe('a\ufffdb');
    for (const value of ['', '\0', null, undefined, true, {}, [], Number.NaN]) expect(text(value)).toBeNull();
  });

  test('number and integer accept decimal text and refuse the rest', () => {
    expect(number('12.50')).toBe(12.5);
    expect(number(-3)).toBe(-3);
    for (const value of ['', ' 1', '0x10', '1e9', 'Infinity', null, true, Number.POSITIVE_INFINITY])
      expect(number(value)).toBeNull();
    expect(integer('7')).toBe(7);
    expect(integer(7.5)).toBeNull();
    expect(integer('9007199254740993')).toBeNull();
  });

  test('boolean and list never convert', () => {
    expect(boolean(false)).toBe(false);
    expect(boolean('false')).toBeNull();
    expect(list([1, 2])).toEqual([1, 2]);
    expect(list({ length: 2 })).toEqual([]);
    expect(list(undefined)).toEqual([]);
  });

  test('instants are read in their unit, and absurd ones are refused', () => {
    expect(seconds('1767322800')).toEqual(new Date('2026-01-02T03:00:00Z'));
    expect(milliseconds(1767322800123)).toEqual(new Date('2026-01-02T03:00:00.123Z'));
    expect(instant('2026-01-02T04:00:00+01:00')).toEqual(new Date('2026-01-02T03:00:00Z'));
    expect(seconds(1767322800123)).toBeNull();
    expect(milliseconds(1767322800)).toBeNull();
    for (const value of [
      '2026-01-02T03:00:00',
      '2026-13-02T03:00:00Z',
      '2026-02-30T03:00:00Z',
      '2026-04-31T23:00:00-09:00',
      'yesterday',
      '',
      5,
      null,
    ])
      expect(instant(value)).toBeNull();
    for (const value of [0, -5, '', 'now', null, {}]) expect(seconds(value)).toBeNull();
  });
});

test.each([
  ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
  ['0000-01-01T00:00:00Z', '1000-01-01T00:00:00.000Z'],
  ['2096-05-01T00:00:00+07:00', '2096-04-30T17:00:00.000Z'],
  ['2026-13-01T00:00:00Z', null],
  ['2026-02-29T00:00:00Z', null],
  ['2028-02-29T00:00:00+01:00', '2028-02-28T23:00:00.000Z'],
  ['2026-01-01T00:00:00', null],
  [0, null],
])('a message tells the time %p: %p', (given, expected) => {
  expect(toldInstant(given)?.toISOString() ?? null).toBe(expected);
});

test.each([
  ['0', '1970-01-01T00:00:00.000Z'],
  [1_767_322_800_000, '9999-12-31T00:00:00.000Z'],
  [-1e300, '1000-01-01T00:00:00.000Z'],
  ['', null],
  ['soon', null],
])('a message tells the seconds %p: %p', (given, expected) => {
  expect(toldSeconds(given)?.toISOString() ?? null).toBe(expected);
});
