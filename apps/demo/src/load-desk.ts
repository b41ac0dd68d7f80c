import { type Ask, fieldIn, listIn, textIn, userErrorsIn } from './ask.ts';

const present = /* GraphQL */ `
  query PresentDesk {
    teams {
      name
    }
    views {
      name
    }
    agents(first: 100) {
      edges {
        node {
          id
          displayName
        }
      }
    }
  }
`;

const saveTeam = /* GraphQL */ `
  mutation SaveDemoTeam($input: SaveTeamInput!) {
    saveTeam(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

const setSkills = /* GraphQL */ `
  mutation SetDemoSkills($input: SetAgentSkillsInput!) {
    setAgentSkills(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

const saveView = /* GraphQL */ `
  mutation SaveDemoView($input: SaveViewInput!) {
    saveView(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

const team = 'Demo desk · 演示客服组';

const marked = (...values: string[]) => ({ leaf: { field: 'conversation.marks', op: 'IN', values } });

const views = [
  { name: 'Overdue · 已超时', condition: marked('overdue'), orderBy: 'WAITING_LONGEST' },
  { name: 'Complaints and risks · 投诉与风险', condition: marked('complaint', 'risk'), orderBy: 'LAST_MESSAGE_DESC' },
];

const skills = [
  { kind: 'LANGUAGE', value: 'en', level: 5 },
  { kind: 'LANGUAGE', value: 'zh', level: 5 },
  { kind: 'LANGUAGE', value: 'es', level: 3 },
];

/**
 * A team of the seller's people with what they can do, and two views for everybody. What the seller has is left alone, and
 * nothing is routed until they switch it on.
 * @param askAsAdmin asks in the name of the seller's admin
 */
export async function loadDesk(askAsAdmin: Ask, people: readonly { readonly displayName: string }[]): Promise<void> {
  const found = await askAsAdmin(present, {});
  const run = async (mutation: string, name: string, input: object): Promise<void> => {
    const [refusal] = userErrorsIn(fieldIn(await askAsAdmin(mutation, { input }), name));
    if (refusal !== undefined) throw new Error(`${name} of the demo was refused: ${refusal.message}`);
  };
  const names = people.map(({ displayName }) => displayName);
  const nodes = listIn(fieldIn(found, 'agents'), 'edges').map((edge) => fieldIn(edge, 'node'));
  const memberIds = nodes.flatMap((node) => {
    const id = textIn(node, 'id');
    return id !== null && names.includes(textIn(node, 'displayName') ?? '') ? [id] : [];
  });
  if (listIn(found, 'teams').length === 0) {
    await run(saveTeam, 'saveTeam', { name: team, memberIds });
    for (const agentId of memberIds) await run(setSkills, 'setAgentSkills', { agentId, skills });
  }
  const known = listIn(found, 'views').map((view) => textIn(view, 'name'));
  for (const view of views.filter(({ name }) => !known.includes(name)))
    await run(saveView, 'saveView', { ...view, scope: 'ALL' });
}
