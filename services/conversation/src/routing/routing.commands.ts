import type { TeamId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  isBlank,
  type Outcome,
  refuse,
  type Refused,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import { sql } from 'kysely';
import { refuseValue } from '../duty/skill.commands.ts';
import { skillValue } from '../duty/skill.domain.ts';
import { lookAfter } from '../queue/router-signal.ts';
import type { DB } from '../db.ts';
import { lockTeams } from '../team/team.store.ts';
import type { Routing, RoutingRule } from './routing-rules.domain.ts';
import { lockRouting, storeRouting } from './routing.store.ts';

export type RoutingInput = Omit<Routing, 'version'> & { readonly expectedVersion: number };

const rulesMax = 100;
const nameCharactersMax = 100;
const listMax = 200;

/** Sets how the workspace routes. What waits already is placed by the new rules; what is unassigned enters the queue. */
export async function saveRouting(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { expectedVersion, ...input }: RoutingInput,
): Promise<Outcome<Routing, 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const present = await lockRouting(trx, tenantId);
  if (present.version !== expectedVersion) {
    const message = `The routing is at version ${present.version} now: read it again, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  // No team that a rule names is archived meanwhile.
  const teams = new Set((await lockTeams(trx, tenantId)).map(({ id }) => id));
  const refusal = refuseSettings(input) ?? refuseRules(input.rules, teams);
  if (refusal !== null) return refusal;
  const now = clock.now();
  const routing = { ...input, version: present.version + 1 };
  const aggregate = await storeRouting(trx, tenantId, routing, now);
  await sql`update queue_entry set due_at = ${now} where tenant_id = ${tenantId}`.execute(trx);
  if (routing.isOn && !present.isOn) await enterBacklog(trx, tenantId, now);
  lookAfter(trx, outbox);
  const data = { isOn: routing.isOn, rules: routing.rules.map(({ name }) => name) };
  await outbox.append(trx, [{ aggregate, type: 'conversation.routing-changed', origin, data }]);
  return changed(routing, tenantId);
}

/** What waited for anybody before the workspace began to route. */
async function enterBacklog(trx: CommandCall<DB>['trx'], tenantId: string, now: Date): Promise<void> {
  await sql`
    insert into queue_entry (tenant_id, conversation_id, order_at, waiting_since, entered_at, due_at, reason)
    select tenant_id, id, coalesce(waiting_since, ${now}), coalesce(waiting_since, ${now}), ${now}, ${now}, 'new'
    from conversation
    where tenant_id = ${tenantId} and phase = 'open' and state in ('unread', 'pending') and assignee_id is null
    on conflict do nothing`.execute(trx);
}

function refuseSettings({
  botWaitS,
  openWithinS,
  stickyDays,
  stickyCapacityPercent,
}: Omit<Routing, 'version'>): Refused<'INVALID_INPUT'> | null {
  if (botWaitS < 0 || botWaitS > 600)
    return refuse('INVALID_INPUT', 'botWaitSeconds', 'Take a number of seconds from 0 to 600.');
  if (openWithinS < 10 || openWithinS > 86_400)
    return refuse('INVALID_INPUT', 'openWithinSeconds', 'Take a number of seconds from 10 to 86,400.');
  if (stickyDays < 0 || stickyDays > 365)
    return refuse('INVALID_INPUT', 'stickyDays', 'Take a number of days from 0 to 365.');
  if (stickyCapacityPercent < 100 || stickyCapacityPercent > 200)
    return refuse('INVALID_INPUT', 'stickyCapacityPercent', 'Take a number of percent from 100 to 200.');
  return null;
}

function refuseRules(
  rules: readonly RoutingRule[],
  teams: ReadonlySet<TeamId>,
): Refused<'INVALID_INPUT' | 'NOT_FOUND'> | null {
  if (rules.length > rulesMax) return refuse('INVALID_INPUT', 'rules', `Write at most ${rulesMax} rules.`);
  const names = rules.map(({ name }) => name);
  for (const [index, rule] of rules.entries()) {
    const path = `rules.${index}`;
    if (isBlank(rule.name) || rule.name.length > nameCharactersMax || names.indexOf(rule.name) !== index)
      return refuse('INVALID_INPUT', path, `A rule has a name of its own, of 1 to ${nameCharactersMax} characters.`);
    const lists = [
      ...[rule.channels, rule.accountIds, rule.languages, rule.enquiryTypes, rule.priorities, rule.skills],
      ...[rule.customerTags, rule.customerTiers],
    ];
    if (lists.some((list) => (list?.length ?? 0) > listMax))
      return refuse('INVALID_INPUT', path, `Each list of a rule has at most ${listMax} values.`);
    const languages = (rule.languages ?? []).map((value) => ({ kind: 'language' as const, value }));
    const wrong = [...languages, ...rule.skills].find(({ kind, value }) => skillValue(kind, value) === null);
    if (wrong !== undefined) return refuseValue(wrong, path);
    if (rule.teamIds.length === 0) return refuse('INVALID_INPUT', path, 'A rule names at least one team.');
    if (!rule.teamIds.every((id) => teams.has(id)))
      return refuse('NOT_FOUND', path, 'The rule names a team that does not exist: take them from teams.');
    if (!hasGoodLevels(rule)) return refuse('INVALID_INPUT', path, 'Levels are from 1 to 5, times at least 0.');
  }
  return null;
}

function hasGoodLevels({ skills, buyerLanguageLevel, buyerLanguageRelaxAfterS }: RoutingRule): boolean {
  const levels = [...skills.map(({ level }) => level), buyerLanguageLevel ?? 1];
  const times = [...skills.map(({ relaxAfterS }) => relaxAfterS ?? 0), buyerLanguageRelaxAfterS ?? 0];
  return levels.every((level) => level >= 1 && level <= 5) && times.every((seconds) => seconds >= 0);
}
