import { expect, test } from '@jest/globals';
import { type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { createMediaLinks, linkExpiry, type MediaLink } from './media-links.ts';

const key = { current: Buffer.alloc(32, 1), previous: null };
const links = createMediaLinks(key, 'https://hooks.example');
const now = new Date('2026-03-02T10:20:00Z');
const link: MediaLink = {
  tenantId: newId<TenantId>(),
  messageId: newId<MessageId>(),
  part: 'thumbnail',
  expiresAt: linkExpiry(now),
};
const tokenOf = (address: string) => address.split('/').at(-1) ?? '';

test('an address is read back, stays the same within the hour, and is refused once it has expired', () => {
  expect(link.expiresAt).toEqual(new Date('2026-03-02T12:00:00Z'));
  expect(linkExpiry(new Date('2026-03-02T10:59:59Z'))).toEqual(link.expiresAt);
  const address = links.addressOf(link);
  expect(address).toMatch(/^https:\/\/hooks\.example\/media\/[\w-]{82}$/);
  expect(links.read(tokenOf(address), now)).toEqual(link);
  expect(links.read(tokenOf(address), link.expiresAt)).toBeNull();
});

test('while the master secret changes, addresses of the previous key are read', () => {
  const changing = createMediaLinks({ current: Buffer.alloc(32, 2), previous: key.current }, 'https://hooks.example');
  expect(changing.read(tokenOf(links.addressOf(link)), now)).toEqual(link);
  expect(links.read(tokenOf(changing.addressOf(link)), now)).toBeNull();
});

test('no other token is accepted', () => {
  const token = tokenOf(links.addressOf(link));
  const otherKey = createMediaLinks({ current: Buffer.alloc(32, 2), previous: null }, '');
  expect(otherKey.read(token, now)).toBeNull();
  expect(links.read('', now)).toBeNull();
  expect(links.read(`${token}A`, now)).toBeNull();
  // The last character has four bits that carry nothing.
  for (let at = 0; at < token.length - 1; at += 1) {
    const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
    expect([at, links.read(changed, now)]).toEqual([at, null]);
  }
});
