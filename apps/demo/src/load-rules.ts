import { type Ask, fieldIn, listIn, textIn, userErrorsIn } from './ask.ts';

const present = /* GraphQL */ `
  query Present {
    automationRules(first: 100) {
      edges {
        node {
          name
        }
      }
    }
  }
`;

const createRule = /* GraphQL */ `
  mutation CreateRule($input: CreateAutomationRuleInput!) {
    createAutomationRule(input: $input) {
      rule {
        id
      }
      errors {
        code
        message
      }
    }
  }
`;

const setMode = /* GraphQL */ `
  mutation SetMode($input: SetAutomationRuleModeInput!) {
    setAutomationRuleMode(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

const isOneOf = (field: string, ...values: string[]) => ({ leaf: { field, op: 'IN', values } });

/** Rules as a seller would begin with: what is dangerous comes before people. Questions are answered by policy. */
function starterRules() {
  return [
    {
      trigger: 'MESSAGE',
      name: 'Threats call a person · 威胁转人工',
      condition: isOneOf('message.risks', 'legal_threat', 'chargeback', 'regulator', 'safety'),
      actions: [{ type: 'ESCALATE', value: 'The buyer threatens with a dispute, a lawyer or an authority.' }],
    },
    {
      trigger: 'MESSAGE',
      name: 'Anger and bad reviews first · 愤怒与差评优先',
      condition: isOneOf('message.risks', 'anger', 'bad_review', 'public_exposure', 'fraud_accusation'),
      actions: [{ type: 'PRIORITY', value: 'high' }],
    },
  ];
}

/**
 * Gives a seller the starter rules, which act at once. A rule that the seller has, or has changed since, stays as it is.
 * @param askAsAdmin asks in the name of the seller's admin
 */
export async function loadRules(askAsAdmin: Ask): Promise<void> {
  const found = await askAsAdmin(present, {});
  const nodesOf = (name: string) => listIn(fieldIn(found, name), 'edges').map((edge) => fieldIn(edge, 'node'));
  const names = new Set(nodesOf('automationRules').map((rule) => textIn(rule, 'name')));
  for (const rule of starterRules()) {
    if (names.has(rule.name)) continue;
    const input = { clientMutationId: `demo ${rule.name}`, rule };
    const made = fieldIn(await askAsAdmin(createRule, { input }), 'createAutomationRule');
    const ruleId = textIn(fieldIn(made, 'rule'), 'id');
    if (ruleId === null)
      throw new Error(`the demo rule ${rule.name} was refused: ${userErrorsIn(made)[0]?.message ?? ''}`);
    const mode = { ruleId, expectedVersion: 1, mode: 'AUTO' };
    const [refusal] = userErrorsIn(fieldIn(await askAsAdmin(setMode, { input: mode }), 'setAutomationRuleMode'));
    if (refusal !== undefined) throw new Error(`the demo rule ${rule.name} was refused: ${refusal.message}`);
  }
}
