import type { AgentId, CalendarId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { calendarsByIds } from '../calendar/calendar.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { coverageOf } from './coverage.domain.ts';
import { publishRoster } from './roster.commands.ts';
import { countShifts, listShifts, shiftsWithin, speakersOf } from './shift.store.ts';

const hourMs = 3_600_000;
const shownMs = 35 * 24 * hourMs;
const hoursMax = 336;

export const rosterResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    shifts: async (_, { first: asked, after, from: wanted, until }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const { db, clock } = runtime;
      const first = pageSize(asked);
      const from = wanted ?? clock.now();
      const page = { from, until: until ?? new Date(from.getTime() + shownMs), first, after: decodeKeyset(after) };
      const found = await db.forTenant(tenantId, (trx) => listShifts(trx, tenantId, page));
      const shown = connectionOf(
        found,
        { first, after },
        ({ startsAt, id }) => encodeKeyset({ at: startsAt, id }),
        (shift) => shift,
      );
      return counted(shown, () => db.forTenant(tenantId, (trx) => countShifts(trx, tenantId, page)));
    },
    coverage: async (_, { from: wanted, hours: asked, levelMin, gapsOnly }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const from = wanted ?? runtime.clock.now();
      const hours = Math.min(Math.max(1, asked), hoursMax);
      // The first hour begins before `from`.
      const period = { from: new Date(from.getTime() - hourMs), until: new Date(from.getTime() + hours * hourMs) };
      const covered = await runtime.db.forTenant(tenantId, async (trx) => {
        const shifts = await shiftsWithin(trx, tenantId, { ...period, agentIds: null });
        return coverageOf(shifts, await speakersOf(trx, tenantId, levelMin), { from, hours });
      });
      const shown = covered.map((hour) => ({ ...hour, isGap: hour.agents === 0 }));
      return gapsOnly ? shown.filter(({ isGap }) => isGap) : shown;
    },
  },
  Mutation: {
    publishRoster: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wish = {
        calendarId: inputId<CalendarId>(input.calendarId),
        agentIds: input.agentIds.map((id) => inputId<AgentId>(id)),
        from: input.from,
        days: input.days ?? 35,
      };
      const outcome = await runtime.commands.asked(request, 'publishRoster', (call) =>
        publishRoster(runtime, call, wish),
      );
      return outcome.ok ? { shifts: [...outcome.value], errors: [] } : { shifts: null, errors: [...outcome.errors] };
    },
  },
  ShiftConnection: countResolvers,
  Shift: {
    agent: ({ agentId }, _, { loaders }) => loaders.load(agentsByIds, agentId),
    calendar: ({ calendarId }, _, { loaders }) => loaders.load(calendarsByIds, calendarId),
  },
};
