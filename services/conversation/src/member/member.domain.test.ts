import { expect, test } from '@jest/globals';
import { type MemberStep, roleAfter } from './member.domain.ts';

test.each<[MemberStep, (string | null)[]]>([
  ['watch', ['watcher', 'watcher', 'member']],
  ['unwatch', [null, null, 'member']],
  ['add', ['member', 'member', 'member']],
  ['remove', [null, 'watcher', null]],
])('%s changes nobody, a watcher and a member as it should', (step, after) => {
  expect([null, 'watcher' as const, 'member' as const].map((role) => roleAfter(role, step))).toEqual(after);
});
