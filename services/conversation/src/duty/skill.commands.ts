import type { AgentId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  isBlank,
  type Outcome,
  refuse,
  type Refused,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import { lookAfter } from '../queue/router-signal.ts';
import type { DB } from '../db.ts';
import { wakeTeamsOf } from '../queue/queue.store.ts';
import { lockDuty, saveDuty } from './duty.store.ts';
import { type Skill, skillValue } from './skill.domain.ts';
import { replaceSkills } from './skill.store.ts';

const skillsMax = 50;
const valueCharactersMax = 50;

/** Says what somebody can do; skills that are not named end. */
export async function setAgentSkills(
  { outbox }: Pick<ServiceRuntime<DB>, 'outbox'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { agentId, skills: asked }: { readonly agentId: AgentId; readonly skills: readonly Skill[] },
): Promise<Outcome<AgentId, 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const wrong = asked.find(({ kind, value }) => skillValue(kind, value) === null);
  if (wrong !== undefined) return refuseValue(wrong);
  const skills = asked.map((skill) => ({ ...skill, value: skillValue(skill.kind, skill.value) ?? skill.value }));
  const refusal = refuseSkills(skills);
  if (refusal !== null) return refusal;
  const locked = await lockDuty(trx, tenantId, agentId);
  if (locked === null) return refuse('NOT_FOUND', 'agentId', 'There is no person with this id in your workspace.');
  await replaceSkills(trx, tenantId, agentId, skills);
  const aggregate = await saveDuty(trx, { ...locked, version: locked.version + 1 });
  await wakeTeamsOf(trx, [locked]);
  lookAfter(trx, outbox);
  const data = { agentId, skills: skills.map((skill) => ({ ...skill })) };
  await outbox.append(trx, [{ aggregate, type: 'conversation.skills-changed', origin, data }]);
  return changed(agentId, agentId);
}

function refuseSkills(skills: readonly Skill[]): Refused<'INVALID_INPUT'> | null {
  if (skills.length > skillsMax) return refuse('INVALID_INPUT', 'skills', `Name at most ${skillsMax} skills.`);
  const keys = skills.map(({ kind, value }) => `${kind} ${value}`);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) return refuse('INVALID_INPUT', 'skills', `${twice} is there twice: name it once.`);
  const wrong = skills.some(
    ({ value, level }) => isBlank(value) || value.length > valueCharactersMax || level < 1 || level > 5,
  );
  return wrong
    ? refuse(
        'INVALID_INPUT',
        'skills',
        `A skill has a value of 1 to ${valueCharactersMax} characters and a level from 1 to 5.`,
      )
    : null;
}

/** What is no language or no country would be asked for by no rule, and nobody would notice. */
export function refuseValue({ kind, value }: Pick<Skill, 'kind' | 'value'>, path = 'skills'): Refused<'INVALID_INPUT'> {
  const message =
    kind === 'language'
      ? `${value} is no language: write its code (BCP 47), for instance fr or pt-BR.`
      : `${value} is no country: write its code of two letters (ISO 3166-1), for instance MX.`;
  return refuse('INVALID_INPUT', path, message);
}
