import { newId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { idsIn, ownId, ownMessageId, placeOf, type Reference } from './email.thread.ts';
import { own } from './email.samples.ts';

const ana = 'ana@mail.example';

function reference(
  messageId: string,
  references: readonly string[] = [],
  receivers: readonly string[] = [own],
): Reference {
  return { messageId, references, receivers };
}

/** Whether all mails end in one thread when threads that a mail names together are joined. */
function areOne(mails: readonly Reference[]): boolean {
  const groups: Set<string>[] = [];
  for (const mail of mails) {
    const ids = new Set(placeOf(own, ana, mail).threadAliases.map(({ id }) => id));
    const met = groups.filter((group) => [...group].some((id) => ids.has(id)));
    for (const group of met) groups.splice(groups.indexOf(group), 1);
    groups.push(new Set([...ids, ...met.flatMap((group) => [...group])]));
  }
  return groups.length === 1;
}

test('S3-3.3: mails that refer to each other are one thread in whatever order they come, and however short their references are', () => {
  const chain = fc.array(
    fc.record({
      answers: fc.nat(),
      isOurs: fc.boolean(),
      keeps: fc.constantFrom('all', 'last', 'first and last', 'last, behind a strange one'),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(chain, fc.infiniteStream(fc.nat()), (steps, order) => {
      const mails = [{ ...reference('m0@mail.example'), isOurs: false }];
      const { externalThreadId } = placeOf(own, ana, reference('m0@mail.example'));
      for (const [index, { answers, isOurs, keeps }] of steps.entries()) {
        const answered = mails[answers % mails.length];
        if (answered === undefined) continue;
        const all = [...answered.references, answered.messageId];
        const last = all.slice(-1);
        const kept = {
          all,
          last,
          'first and last': [...all.slice(0, 1), ...last],
          'last, behind a strange one': [`list${index}@lists.example`, ...last],
        };
        const references = kept[keeps];
        const messageId = isOurs ? ownMessageId(own, newId(), externalThreadId) : `m${index + 1}@mail.example`;
        mails.push({ ...reference(messageId, references), isOurs });
      }
      // Only what buyers wrote is received; in any order.
      const received = mails.filter(({ isOurs }) => !isOurs);
      const keyed = received.map((mail) => ({ mail, key: order.next().value ?? 0 }));
      expect(areOne(keyed.toSorted((a, b) => a.key - b.key).map(({ mail }) => mail))).toBe(true);
    }),
  );
});

test('S3-3.3: whoever knows the id of a mail or the token of a thread cannot write into the thread of somebody else', () => {
  const place = placeOf(own, ana, reference('m0@mail.example'));
  const ours = ownMessageId(own, newId(), place.externalThreadId);
  const token = `service+${place.root}@shop.example`;
  const known = new Set(place.threadAliases.map(({ id }) => id));
  const stranger = placeOf(own, 'eve@mail.example', reference('e@mail.example', ['m0@mail.example', ours], [token]));
  expect(stranger.threadAliases.filter(({ id }) => known.has(id))).toEqual([]);
  expect(placeOf(own, ana, reference('m9@mail.example', [], [token])).externalThreadId).toBe(place.externalThreadId);
});

test('an id of ours tells its message and thread; one of another domain or form does not', () => {
  const { externalThreadId, root } = placeOf(own, ana, reference('m0@mail.example'));
  const messageId = newId<Parameters<typeof ownMessageId>[1]>();
  const id = ownMessageId(own, messageId, externalThreadId);
  expect(ownId(own, id)).toEqual({ messageId, root });
  expect(ownId('service@other.example', id)).toBeNull();
  expect(ownId(own, `x${id}`)).toBeNull();
});

test('ids are read with and without brackets and commas; of too many the first and the last remain', () => {
  expect(idsIn('<a@x> b@x,\t<c@x><a@x> nonsense')).toEqual(['a@x', 'b@x', 'c@x']);
  const many = idsIn(Array.from({ length: 500 }, (_, index) => `<m${index}@x>`).join(' '));
  expect([many.length, many[0], many.at(-1)]).toEqual([100, 'm0@x', 'm499@x']);
});
