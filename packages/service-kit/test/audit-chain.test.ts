import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AuditEntry, type AuditPlace, nextEntry, startOfChain, verifyChain } from '../src/audit/audit-chain.ts';

const key = Buffer.alloc(32, 7);
const runs = { numRuns: 300 };

const id = fc.uuid();
const what = fc.record({
  at: fc.date({ min: new Date('2026-01-01'), max: new Date('2036-01-01'), noInvalidDate: true }),
  actorKind: fc.constantFrom('agent' as const, 'api-token' as const),
  actorId: id,
  action: fc.constantFrom('sendMessage', 'assignConversation', 'createAgent'),
  targetId: fc.option(id),
});

interface Chain {
  readonly entries: readonly AuditEntry[];
  readonly head: AuditPlace;
}

function chainOf(tenantId: string, contents: readonly Parameters<typeof nextEntry>[2][]): Chain {
  let head = startOfChain(tenantId);
  const entries = contents.map((content) => {
    const entry = nextEntry(key, head, content);
    head = entry;
    return entry;
  });
  return { entries, head };
}

const aChain = fc
  .tuple(id, fc.array(what, { minLength: 2, maxLength: 20 }))
  .map(([tenant, all]) => chainOf(tenant, all));

/** A chain, and one of its places. */
const aPlace = aChain.chain((chain) =>
  fc.nat({ max: chain.entries.length - 1 }).map((at) => ({ ...chain, at, entry: item(chain.entries, at) })),
);

function item<Item>(items: readonly Item[], at: number): Item {
  const found = items[at];
  if (found === undefined) throw new Error(`there is no item ${at}`);
  return found;
}

const broken = ({ entries, head }: Chain) => verifyChain(entries, head, [key]);

test('an unaltered chain is valid, as a whole and from any place on', () => {
  fc.assert(
    fc.property(aPlace, ({ entries, head, at, entry }) => {
      expect(broken({ entries, head })).toBeNull();
      expect(verifyChain(entries.slice(at + 1), head, [key], entry)).toBeNull();
    }),
    runs,
  );
});

test('a chain without entries is valid, and one that lost all its entries is not', () => {
  const head = startOfChain('0198c0de-0000-7000-8000-000000000001');
  expect(broken({ entries: [], head })).toBeNull();
  expect(broken({ entries: [], head: { ...head, seq: 3, hash: 'f'.repeat(64) } })).toEqual({ seq: 1, how: 'tail' });
});

test('a changed field of any entry is found', () => {
  fc.assert(
    fc.property(aPlace, what, fc.nat({ max: 5 }), fc.nat({ max: 63 }), (chain, other, field, digit) => {
      const { entry, at, entries, head } = chain;
      const turned = (hash: string) => {
        const next = ((Number.parseInt(hash.charAt(digit), 16) + 1) % 16).toString(16);
        return `${hash.slice(0, digit)}${next}${hash.slice(digit + 1)}`;
      };
      const changes = [
        { at: new Date(entry.at.getTime() + 1) },
        { actorKind: entry.actorKind === 'agent' ? ('api-token' as const) : ('agent' as const) },
        { actorId: other.actorId },
        { action: `${entry.action}s` },
        { targetId: entry.targetId === null ? other.actorId : null },
        { hash: turned(entry.hash) },
      ];
      const flipped = { ...entry, ...item(changes, field) };
      expect(broken({ entries: entries.with(at, flipped), head })).toEqual({ seq: entry.seq, how: 'hash' });
      const unlinked = { ...entry, previousHash: turned(entry.previousHash) };
      expect(broken({ entries: entries.with(at, unlinked), head })).toEqual({ seq: entry.seq, how: 'previous' });
    }),
    runs,
  );
});

test('delete: an entry in the middle, also when later ones are renumbered', () => {
  fc.assert(
    fc.property(aPlace, ({ entries, head, at }) => {
      fc.pre(at < entries.length - 1);
      const rest = entries.toSpliced(at, 1);
      expect(broken({ entries: rest, head })).toEqual({ seq: at + 2, how: 'gap' });
      const closed = rest.map((entry, index) => ({ ...entry, seq: index + 1 }));
      expect(broken({ entries: closed, head })).toEqual({ seq: at + 1, how: 'previous' });
    }),
    runs,
  );
});

test('insert: an entry written without the key, linked as well as possible', () => {
  fc.assert(
    fc.property(aPlace, what, ({ entries, head, at, entry }, content) => {
      const before = at === 0 ? startOfChain(entry.tenantId) : item(entries, at - 1);
      const forged = nextEntry(Buffer.alloc(32, 8), before, content);
      const behind = entries.slice(at).map((later) => ({ ...later, seq: later.seq + 1 }));
      expect(broken({ entries: [...entries.slice(0, at), forged, ...behind], head })).toEqual({
        seq: at + 1,
        how: 'hash',
      });
    }),
    runs,
  );
});

test('swap: two entries, with and without their numbers', () => {
  fc.assert(
    fc.property(aPlace, fc.nat({ max: 19 }), ({ entries, head, at, entry }, nth) => {
      const other = item(entries, nth % entries.length);
      fc.pre(other !== entry);
      const first = Math.min(entry.seq, other.seq);
      const places = entries.with(at, other).with(other.seq - 1, entry);
      expect(broken({ entries: places, head })).toEqual({ seq: Math.max(entry.seq, other.seq), how: 'gap' });
      const contents = places.map((one, index) => ({ ...one, seq: index + 1 }));
      expect(broken({ entries: contents, head })).toMatchObject({ seq: first });
    }),
    runs,
  );
});

test('truncate: the last entries, however many', () => {
  fc.assert(
    fc.property(aPlace, ({ entries, head, at }) => {
      expect(broken({ entries: entries.slice(0, at), head })).toEqual({ seq: at + 1, how: 'tail' });
    }),
    runs,
  );
});

test('fork: a second entry after one that has a successor, written with the key', () => {
  fc.assert(
    fc.property(aPlace, what, ({ entries, head, at, entry }, content) => {
      const before = at === 0 ? startOfChain(entry.tenantId) : item(entries, at - 1);
      const second = nextEntry(key, before, content);
      fc.pre(second.hash !== entry.hash);
      expect(broken({ entries: entries.toSpliced(at, 0, second), head })).not.toBeNull();
      expect(broken({ entries: entries.toSpliced(at + 1, 0, second), head })).not.toBeNull();
      expect(broken({ entries: [...entries.slice(0, at), second], head })).not.toBeNull();
    }),
    runs,
  );
});

test('replay: entries of one tenant in the chain of another, under either tenant', () => {
  fc.assert(
    fc.property(aPlace, id, ({ entries, at }, tenantId) => {
      fc.pre(tenantId !== entries[0]?.tenantId);
      const taken = entries.slice(0, at + 1);
      const last = item(taken, at);
      const head = { tenantId, seq: last.seq, hash: last.hash };
      expect(broken({ entries: taken, head })).toEqual({ seq: 1, how: 'other tenant' });
      const renamed = taken.map((entry) => ({ ...entry, tenantId }));
      expect(broken({ entries: renamed, head })).toEqual({ seq: 1, how: 'hash' });
    }),
    runs,
  );
});

test('an entry of one service is invalid in another: the keys differ', () => {
  fc.assert(
    fc.property(aChain, ({ entries, head }) => {
      expect(verifyChain(entries, head, [Buffer.alloc(32, 9)])).toEqual({ seq: 1, how: 'hash' });
    }),
    runs,
  );
});
