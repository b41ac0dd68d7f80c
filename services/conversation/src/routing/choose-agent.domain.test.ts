import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AgentId, type ChannelAccountId, newId, type TeamId } from '@crossdesk/contracts';
import { unmarked } from '../customer-mark/customer-mark.domain.ts';
import { type Candidate, chooseAgent, type WaitingItem } from './choose-agent.domain.ts';
import { place, type RoutingRule, type Stores } from './routing-rules.domain.ts';

const now = new Date('2026-12-01T10:00:00Z');
const limits = { now, stickyCapacityPercent: 100 };
const accountId = newId<ChannelAccountId>();
const item: WaitingItem = { accountId, needs: [], excluded: [], lastAgentId: null };

function somebody(own: Partial<Candidate> = {}): Candidate {
  return {
    agentId: newId<AgentId>(),
    capacity: 10,
    used: 0,
    assignedInShift: 0,
    lastAssignedAt: null,
    skills: [],
    stores: null,
    ...own,
  };
}

test('work is spread by what each can take, then by shift and by time', () => {
  const [small, large] = [somebody({ capacity: 2 }), somebody({ capacity: 20 })];
  expect(chooseAgent(item, [small, large], limits)).toMatchObject({ agentId: large.agentId, strategy: 'balanced' });
  const [busy, fresh] = [somebody({ assignedInShift: 5 }), somebody({ assignedInShift: 4 })];
  expect(chooseAgent(item, [busy, fresh], limits).agentId).toBe(fresh.agentId);
  const [late, early] = [somebody({ lastAssignedAt: now }), somebody({ lastAssignedAt: new Date(0) })];
  expect(chooseAgent(item, [late, early], limits).agentId).toBe(early.agentId);
});

test('10,000 conversations over 50 people of one capacity differ by one at most', () => {
  let people = Array.from({ length: 50 }, () => somebody({ capacity: 1_000 }));
  for (let index = 0; index < 10_001; index += 1) {
    const { agentId } = chooseAgent(item, people, limits);
    people = people.map((one) =>
      one.agentId === agentId ? { ...one, used: one.used + 1, assignedInShift: one.assignedInShift + 1 } : one,
    );
  }
  const shares = people.map(({ used }) => used);
  expect(Math.max(...shares) - Math.min(...shares)).toBe(1);
});

test.each([
  ['nobody', [], 'Nobody of the team is on duty.'],
  ['no store', [somebody({ stores: [] })], 'The role of nobody on duty includes its store.'],
  ['no room', [somebody({ used: 10 })], 'Everybody on duty who could take it has as much as they can.'],
  [
    'no skill',
    [somebody({ skills: [{ kind: 'language', value: 'fr', level: 2 }] })],
    'Nobody on duty can do what is needed.',
  ],
] as const)('it waits and says why: %s', (name, people, reason) => {
  const needs = name === 'no skill' ? [{ kind: 'language', value: 'fr', level: 3 } as const] : [];
  expect(chooseAgent({ ...item, needs }, people, limits)).toMatchObject({ agentId: null, reason });
});

test('whoever wrote last gets it again within what they can take, or as far beyond as is set, unless they gave it back', () => {
  const last = somebody({ used: 9 });
  const other = somebody();
  const wanted = { ...item, lastAgentId: last.agentId };
  expect(chooseAgent(wanted, [last, other], limits)).toMatchObject({ agentId: last.agentId, strategy: 'sticky' });
  expect(chooseAgent(wanted, [{ ...last, used: 10 }, other], limits).agentId).toBe(other.agentId);
  const wide = { now, stickyCapacityPercent: 120 };
  expect(chooseAgent(wanted, [{ ...last, used: 11 }, other], wide).agentId).toBe(last.agentId);
  expect(chooseAgent(wanted, [{ ...last, used: 12 }, other], wide).agentId).toBe(other.agentId);
  const excluded = [{ agentId: last.agentId, until: '2026-12-01T10:10:00Z' }];
  expect(chooseAgent({ ...wanted, excluded }, [last, other], limits).agentId).toBe(other.agentId);
});

test('a wide language covers a narrow one, not the other way round', () => {
  const wide = somebody({ skills: [{ kind: 'language', value: 'pt', level: 4 }] });
  const narrow = somebody({ skills: [{ kind: 'language', value: 'pt-br', level: 4 }] });
  const need = (value: string) => ({ ...item, needs: [{ kind: 'language', value, level: 3 } as const] });
  expect(chooseAgent(need('pt-br'), [wide], limits)).toMatchObject({ agentId: wide.agentId, strategy: 'specialist' });
  expect(chooseAgent(need('pt'), [narrow], limits).agentId).toBeNull();
});

const [first, second, third] = [newId<TeamId>(), newId<TeamId>(), newId<TeamId>()];
const facts = {
  channel: 'shopee',
  accountId,
  language: 'fr',
  enquiry: null,
  priority: 'normal',
  teamId: null,
  marks: unmarked,
  chosenBy: null,
} as const;
const rule: RoutingRule = {
  name: 'French',
  channels: ['shopee'],
  accountIds: null,
  languages: ['fr'],
  enquiryTypes: null,
  priorities: null,
  customerTags: null,
  customerTiers: null,
  teamIds: [first, second],
  buyerLanguageLevel: 3,
  buyerLanguageRelaxAfterS: 600,
  skills: [],
};
const given = {
  rules: [rule],
  enteredAt: now,
  now,
  teams: { present: [third, first, second], onDuty: new Map<TeamId, Stores>([[second, null]]) },
};

test('the first rule that holds names the team: the first of its chain with anybody on duty', () => {
  expect(place(facts, given)).toEqual({
    teamId: second,
    rule: 'French',
    customerMarks: null,
    spareTeamIds: [first],
    needs: [{ kind: 'language', value: 'fr', level: 3 }],
    relaxesAt: new Date('2026-12-01T10:10:00Z'),
  });
  expect(place(facts, { ...given, teams: { ...given.teams, onDuty: new Map() } })?.teamId).toBe(first);
  expect(place({ ...facts, language: 'de' }, given)).toMatchObject({
    teamId: second,
    rule: null,
    spareTeamIds: [],
    needs: [],
  });
  expect(place({ ...facts, teamId: third }, given)?.teamId).toBe(second);
  const onDuty = new Map<TeamId, Stores>([
    [second, null],
    [third, null],
  ]);
  expect(place({ ...facts, teamId: third }, { ...given, teams: { ...given.teams, onDuty } })).toMatchObject({
    ...{ teamId: third, spareTeamIds: [] },
  });
  expect(place(facts, { ...given, teams: { present: [], onDuty: new Map() } })).toBeNull();
});

test('a team whose people on duty may not see the store counts as one without anybody', () => {
  const at = (ofFirst: Stores) =>
    place(facts, { ...given, teams: { ...given.teams, onDuty: new Map([...given.teams.onDuty, [first, ofFirst]]) } });
  expect(at([newId<ChannelAccountId>()])?.teamId).toBe(second);
  expect(at([accountId])?.teamId).toBe(first);
});

test('whoever may not see the store never gets it, whatever else speaks for them', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ used: fc.nat(12), sees: fc.boolean(), wrote: fc.boolean() })), (drawn) => {
      const people = drawn.map(({ used, sees }) => somebody({ used, stores: sees ? [accountId] : [] }));
      const wrote = people[drawn.findIndex((one) => one.wrote)]?.agentId ?? null;
      const { agentId, trace } = chooseAgent({ ...item, lastAgentId: wrote }, people, limits);
      const blind = people.filter(({ stores }) => stores?.length === 0).map((one) => one.agentId);
      expect(blind).not.toContain(agentId);
      expect(trace.filter(({ obstacle }) => obstacle === 'NO_STORE').map((one) => one.agentId)).toEqual(blind);
    }),
  );
});

test('a rule asks for tags and tiers of the customer, and says which it found, and who gave them', () => {
  const vip = { tag: 'vip', name: 'VIP', agentId: newId<AgentId>(), ruleId: null, reason: null };
  const other = { ...vip, tag: 'chatty', name: 'Chatty' };
  const ofVips: RoutingRule = { ...rule, name: 'VIPs', languages: null, customerTags: ['vip', 'press'] };
  const onDuty = new Map<TeamId, Stores>([first, second, third].map((id) => [id, null]));
  const asked = { ...given, rules: [{ ...ofVips, teamIds: [third] }, rule], teams: { ...given.teams, onDuty } };
  expect(place(facts, asked)).toMatchObject({ teamId: first, rule: 'French', customerMarks: null });
  const marked = { ...facts, marks: { tags: [other, vip], tier: 'HIGH_VALUE' } };
  const customerMarks = { tags: [vip], tier: null };
  expect(place(marked, asked)).toMatchObject({ teamId: third, rule: 'VIPs', customerMarks });
  const best = [{ ...ofVips, customerTiers: ['POTENTIAL'] }, rule];
  expect(place(marked, { ...asked, rules: best })).toMatchObject({ rule: 'French' });
  // What the queue chose by another rule moves on; what a person chose stays.
  const placed = { ...marked, teamId: first, chosenBy: { rule: 'French' } };
  expect(place(placed, asked)).toMatchObject({ teamId: third, rule: 'VIPs' });
  expect(place({ ...placed, chosenBy: null }, asked)).toMatchObject({ teamId: first, rule: 'VIPs' });
  expect(place({ ...placed, marks: unmarked }, asked)).toMatchObject({ teamId: first, rule: 'French' });
});

test('a wish is dropped after its time', () => {
  const later = new Date('2026-12-01T10:10:00Z');
  expect(place(facts, { ...given, now: later })).toMatchObject({ needs: [], relaxesAt: null });
});
