import { type AgentId, type CaseId, type ChannelAccountId, newId, type TenantId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allowedStates,
  type Case,
  caseStates,
  type Due,
  isUnderWay,
  moveCase,
  nextTellingAt,
  tellingOf,
  touchedCase,
  updateDetails,
} from './case.domain.ts';
import { type Candidate, chooseOwner, chooseSuccessor } from './owner.domain.ts';

const hourMs = 3_600_000;
const start = new Date('2026-03-02T09:00:00.000Z');
const after = (hours: number) => new Date(start.getTime() + hours * hourMs);
const due = (hours: number): Due => {
  return { at: after(hours), warnAt: after(hours * 0.75), basis: 'default', policyId: null, policyVersion: null };
};

const opened: Case = {
  tenantId: newId<TenantId>(),
  id: newId<CaseId>(),
  number: 1,
  accountId: newId<ChannelAccountId>(),
  type: 'refund',
  title: 'Broken on arrival',
  state: 'open',
  priority: 'normal',
  ownerId: newId<AgentId>(),
  teamId: null,
  cycle: 1,
  startedAt: start,
  due: due(72),
  told: 'nothing',
  openedBy: null,
  openedAt: start,
  resolvedAt: null,
  closedAt: null,
  version: 1,
  revision: 1,
};

test('whatever is asked for, in any order: only allowed moves are made, and what depends on the state fits it', () => {
  const step = fc.record({ to: fc.constantFrom(...caseStates), hours: fc.integer({ min: 0, max: 900 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let [one, now] = [opened, start];
      for (const { to, hours } of steps) {
        now = new Date(now.getTime() + hours * hourMs);
        const allowed = allowedStates(one, now);
        const decision = moveCase(
          one,
          to,
          { expectedVersion: one.revision, now },
          { ...due(72), at: now, warnAt: now },
        );
        expect(decision.ok).toBe(to === one.state || allowed.includes(to));
        if (!decision.ok) continue;
        const moved = decision.value;
        const isReopened = !isUnderWay(one) && to === 'open';
        expect(moved.cycle - one.cycle).toBe(isReopened ? 1 : 0);
        expect(moved.ownerId).toBe(opened.ownerId);
        expect([moved.resolvedAt === null, moved.closedAt === null]).toEqual([
          isUnderWay(moved),
          moved.state !== 'closed',
        ]);
        one = moved;
      }
    }),
  );
});

test('a case that was closed long ago is not reopened', () => {
  const resolved = { ...opened, state: 'resolved', resolvedAt: start } as const;
  const closed = { ...resolved, state: 'closed', closedAt: start } as const;
  const reopen = (now: Date) => moveCase(closed, 'open', { expectedVersion: 1, now }, due(72)).ok;
  expect([reopen(after(30 * 24)), reopen(after(30 * 24 + 1))]).toEqual([true, false]);
  expect(moveCase(opened, 'closed', { expectedVersion: 1, now: start }, due(72))).toMatchObject({
    errors: [{ code: 'ILLEGAL_TRANSITION', path: ['input', 'state'] }],
  });
});

test('however often it is looked at, a warning and a breach are told once, at their times', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 40 }), (hours) => {
      let one = opened;
      const told: string[] = [];
      for (const hour of hours.toSorted((a, b) => a - b)) {
        const stage = tellingOf(one, after(hour));
        const next = nextTellingAt(one);
        expect(stage !== null).toBe(next !== null && next <= after(hour));
        if (stage === null) continue;
        told.push(stage);
        one = touchedCase(one, { told: stage });
      }
      const last = Math.max(-1, ...hours);
      const isWarned = hours.some((hour) => hour >= 54 && hour < 72);
      expect(told).toEqual([...(isWarned ? ['warned'] : []), ...(last >= 72 ? ['breached'] : [])]);
    }),
  );
});

test('another priority moves the due time unless somebody set it, and another due time is told anew', () => {
  const change = { expectedVersion: 1, now: after(1) };
  const byPriority = updateDetails(opened, { title: null, priority: 'urgent', dueAt: null }, change, due(4));
  expect(byPriority).toMatchObject({ value: { priority: 'urgent', due: { at: after(4) } } });
  const told: Case = { ...opened, told: 'breached' };
  const byPerson = updateDetails(told, { title: null, priority: null, dueAt: after(101) }, change, due(4));
  expect(byPerson).toMatchObject({
    value: { told: 'nothing', due: { at: after(101), warnAt: after(76), basis: 'person' } },
  });
  const set: Case = byPerson.ok ? byPerson.value : opened;
  const again = { ...change, expectedVersion: set.revision };
  expect(updateDetails(set, { title: null, priority: 'low', dueAt: null }, again, due(4))).toMatchObject({
    value: { priority: 'low', due: { at: after(101) } },
  });
  expect(updateDetails(opened, { title: null, priority: null, dueAt: after(1) }, change, due(4)).ok).toBe(false);
});

const candidate = fc.record({
  agentId: fc.uuid().map((id): AgentId => id as AgentId),
  isLead: fc.boolean(),
  isInTeam: fc.boolean(),
  isOnDuty: fc.boolean(),
  caseCount: fc.integer({ min: 0, max: 5 }),
});

test('a successor is found whenever there is anybody: of the team, else a lead, and nobody has a better claim', () => {
  fc.assert(
    fc.property(fc.uniqueArray(candidate, { selector: ({ agentId }) => agentId }), (people: Candidate[]) => {
      const chosen = people.find(({ agentId }) => agentId === chooseSuccessor(people));
      expect(chosen === undefined).toBe(people.length === 0);
      if (chosen === undefined) return;
      const rank = (one: Candidate) => [one.isInTeam ? 0 : one.isLead ? 1 : 2, one.isOnDuty ? 0 : 1, one.caseCount];
      const isBetter = (one: Candidate) => {
        const [a, b] = [rank(one), rank(chosen)];
        const at = a.findIndex((value, n) => value !== b[n]);
        return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
      };
      expect(people.filter(isBetter)).toEqual([]);
      expect(chooseOwner(people) === null).toBe(!people.some(({ isInTeam }) => isInTeam));
    }),
  );
});
