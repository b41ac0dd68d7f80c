import type { AgentId } from '@crossdesk/contracts';
import { fromEnum, inputId, seesAll, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { setCapacity, setDuty } from './duty.commands.ts';
import type { Duty } from './duty.domain.ts';
import { dutiesOf, seenLoads } from './duty.store.ts';
import { setAgentSkills } from './skill.commands.ts';
import { skillKinds } from './skill.domain.ts';
import { skillsOf } from './skill.store.ts';
import { teamLoads } from './team-load.store.ts';

export const dutyResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    setDuty: async (_, { input }, { app: { runtime }, request }) => {
      const agentId = typeof input.agentId === 'string' ? inputId<AgentId>(input.agentId) : null;
      const wish = { agentId, isOnDuty: input.isOnDuty, handsOver: input.handsOver ?? true };
      const outcome = await runtime.commands.asked(request, 'setDuty', (call) => setDuty(runtime, call, wish));
      return toPayload('duty', outcome);
    },
    setAgentCapacity: async (_, { input }, { app: { runtime }, request }) => {
      const wish = { agentId: inputId<AgentId>(input.agentId), capacity: input.capacity };
      const outcome = await runtime.commands.asked(request, 'setAgentCapacity', (call) =>
        setCapacity(runtime, call, wish),
      );
      return toPayload('duty', outcome);
    },
    setAgentSkills: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const skills = input.skills.map((skill) => ({ ...skill, kind: fromEnum(skillKinds, skill.kind) }));
      const wish = { agentId: inputId<AgentId>(input.agentId), skills };
      const outcome = await runtime.commands.asked(request, 'setAgentSkills', (call) =>
        setAgentSkills(runtime, call, wish),
      );
      const agent = outcome.ok ? await loaders.loadPresent(agentsByIds, outcome.value) : null;
      return { ...toPayload('agentId', outcome), agent };
    },
  },
  Agent: {
    duty: ({ id }, _, { loaders }) => loaders.load(dutiesOf, id),
    skills: async ({ id }, _, { loaders }) => (await loaders.load(skillsOf, id)) ?? [],
  },
  Duty: {
    used: async (duty, _, context) => (await shownLoad(duty, context)).used,
    assignedInShift: async (duty, _, context) => (await shownLoad(duty, context)).assignedInShift,
  },
  Team: { load: ({ id }, _, { loaders }) => loaders.loadPresent(teamLoads, id) },
  Skill: { kind: ({ kind }) => toEnum(kind) },
};

/** Others' work tells of stores outside of the caller's role; one's own does not. */
async function shownLoad(
  duty: Duty,
  { loaders, request }: GraphqlContext,
): Promise<Pick<Duty, 'used' | 'assignedInShift'>> {
  const caller = signedIn(request);
  if (seesAll(caller) || caller.agentId === duty.agentId) return duty;
  return (await loaders.load(seenLoads, duty.agentId)) ?? { used: 0, assignedInShift: 0 };
}
