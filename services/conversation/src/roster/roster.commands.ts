import type { AgentId, CalendarId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { calendarsByIds } from '../calendar/calendar.store.ts';
import type { DB } from '../db.ts';
import { planRoster, rosterSpans, type RosterWish, type Shift } from './roster.domain.ts';
import { applyPlan, lockRoster, shiftsWithin } from './shift.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;

/** Lets people work the hours of a calendar on some days, instead of what was published for them there. */
export async function publishRoster(
  { clock }: Deps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  wish: RosterWish & { readonly calendarId: CalendarId },
): Promise<Outcome<readonly Shift[], 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const { calendarId, agentIds } = wish;
  await lockRoster(trx, tenantId);
  const calendar = (await calendarsByIds(trx, tenantId, [calendarId])).get(calendarId);
  if (calendar === undefined) return noCalendar;
  const now = clock.now();
  const spans = rosterSpans(calendar, wish, now);
  if (!spans.ok) return spans;
  if (!(await arePeople(trx, tenantId, agentIds))) return noPerson;
  const [first, last] = [spans.value[0], spans.value.at(-1)];
  if (first === undefined || last === undefined) return unchanged([]);
  const period = { from: first.startsAt, until: last.endsAt, agentIds };
  const present = await shiftsWithin(trx, tenantId, period);
  const plan = planRoster(present, spans.value, [...new Set(agentIds)], { tenantId, calendarId, now });
  const isSame = plan.added.length === 0 && plan.removed.length === 0;
  if (!isSame) await applyPlan(trx, tenantId, plan);
  const shifts = await shiftsWithin(trx, tenantId, period);
  return isSame ? unchanged(shifts) : changed(shifts, calendarId);
}

async function arePeople(trx: CommandCall<DB>['trx'], tenantId: Shift['tenantId'], ids: readonly AgentId[]) {
  const agents = await agentsByIds(trx, tenantId, ids);
  return ids.every((id) => {
    const agent = agents.get(id);
    return agent !== undefined && agent.isActive && agent.kind === 'person';
  });
}

const noCalendar = refuse('NOT_FOUND', 'calendarId', 'There is no calendar with this id: take one from calendars.');
const noPerson = refuse('NOT_FOUND', 'agentIds', 'One of them is no active person of the workspace: see agents.');
