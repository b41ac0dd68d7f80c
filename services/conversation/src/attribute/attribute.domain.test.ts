import { expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { type Attribute, type AttributeWish, decideAttribute, readAttributeValue } from './attribute.domain.ts';

const place = { tenantId: newId<TenantId>(), id: newId() };
const wish = (changes: Partial<AttributeWish> = {}): AttributeWish => ({
  ...{ key: 'size', labelZh: '尺寸', labelEn: 'Size', type: 'number', choices: [] },
  ...{ isFilterable: true, isArchived: false, expectedVersion: null },
  ...changes,
});
const choice = (key: string) => ({ key, labelZh: key, labelEn: key, isArchived: false });

function made(changes: Partial<AttributeWish> = {}, all: readonly Attribute[] = []): Attribute {
  const decided = decideAttribute(all, wish(changes), place);
  if (!decided.ok) throw new Error(decided.errors[0]?.message);
  return decided.value;
}

const refusal = (changes: Partial<AttributeWish>, all: readonly Attribute[] = []) => {
  const decided = decideAttribute(all, wish(changes), place);
  return decided.ok ? null : [decided.errors[0]?.code, decided.errors[0]?.path.at(-1)];
};

test('key, type and choices of an attribute stay, because conversations have its values', () => {
  const size = made();
  expect(made({ expectedVersion: 1 }, [size])).toBe(size);
  expect(made({ expectedVersion: 1, isArchived: true }, [size])).toMatchObject({ isArchived: true, version: 2 });
  expect(refusal({}, [size])).toEqual(['ALREADY_EXISTS', 'key']);
  expect(refusal({ expectedVersion: 2 }, [size])).toEqual(['VERSION_CONFLICT', 'expectedVersion']);
  expect(refusal({ expectedVersion: 1 })).toEqual(['NOT_FOUND', 'key']);
  expect(refusal({ expectedVersion: 1, type: 'text' }, [size])).toEqual(['INVALID_INPUT', 'type']);
  expect(refusal({ key: 'Größe' })).toEqual(['INVALID_INPUT', 'key']);
  expect(refusal({ type: 'link' })).toEqual(['INVALID_INPUT', 'isFilterable']);
  expect(refusal({ type: 'choice' })).toEqual(['INVALID_INPUT', 'choices']);
  const kind = made({ type: 'choice', choices: [choice('new'), choice('old')] });
  expect(refusal({ type: 'choice', choices: [choice('new')], expectedVersion: 1 }, [kind])).toEqual([
    'INVALID_INPUT',
    'choices',
  ]);
});

test('twenty attributes are filterable; archived ones do not count', () => {
  const twenty = Array.from({ length: 20 }, (_, n) => made({ key: `size_${n}` }));
  expect(refusal({}, twenty)).toEqual(['INVALID_INPUT', 'isFilterable']);
  expect(refusal({ isFilterable: false }, twenty)).toBeNull();
  expect(refusal({}, [...twenty.slice(1), made({ key: 'old', isArchived: true })])).toBeNull();
});

const read = (changes: Partial<AttributeWish>, text: string) => {
  const value = readAttributeValue(made({ isFilterable: false, ...changes }), text, 'values');
  return value.ok ? value.value : null;
};

test('a value has one spelling, and what its type does not have is refused', () => {
  expect(read({}, ' 012.50 ')).toBe('12.5');
  expect([read({}, '1e3'), read({}, '1,5'), read({}, '9999999999999999')]).toEqual([null, null, null]);
  expect([read({ type: 'boolean' }, 'true'), read({ type: 'boolean' }, 'yes')]).toEqual(['true', null]);
  expect([read({ type: 'date' }, '2028-02-29'), read({ type: 'date' }, '2026-02-29')]).toEqual(['2028-02-29', null]);
  expect([read({ type: 'link' }, 'https://a.example/x'), read({ type: 'link' }, 'javascript:alert(1)')]).toEqual([
    'https://a.example/x',
    null,
  ]);
  const choices = [choice('new'), { ...choice('old'), isArchived: true }];
  expect([read({ type: 'choice', choices }, 'new'), read({ type: 'choice', choices }, 'old')]).toEqual(['new', null]);
  expect([
    read({ type: 'text' }, ' gold '),
    read({ type: 'text' }, ' '),
    read({ type: 'text' }, 'x'.repeat(501)),
  ]).toEqual(['gold', null, null]);
});

test('every number that is accepted is read back as itself', () => {
  const numbers = fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1_000_000);
  fc.assert(
    fc.property(numbers, (number) => {
      const value = read({}, number.toFixed(6));
      expect(Number(value)).toBe(number === 0 ? 0 : number);
      expect(read({}, Number(value).toFixed(6))).toBe(value);
    }),
  );
});
