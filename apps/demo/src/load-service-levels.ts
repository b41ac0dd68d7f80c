import { type Ask, fieldIn, listIn, userErrorsIn } from './ask.ts';

const present = /* GraphQL */ `
  query Present {
    slaPolicies {
      name
    }
  }
`;

const savePolicy = /* GraphQL */ `
  mutation SavePolicy($input: SaveSlaPolicyInput!) {
    saveSlaPolicy(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

/**
 * A service level that is short enough to see it warn and be broken in a demo. What the seller has set stays as it is.
 * @param askAsAdmin asks in the name of the seller's admin
 */
export async function loadServiceLevels(askAsAdmin: Ask): Promise<void> {
  const found = await askAsAdmin(present, {});
  if (listIn(found, 'slaPolicies').length > 0) return;
  const input = {
    name: 'Demo: answers within minutes · 演示：几分钟内回复',
    targets: [
      { metric: 'FIRST_RESPONSE', minutes: 4 },
      { metric: 'NEXT_RESPONSE', minutes: 8 },
      { metric: 'RESOLUTION', minutes: 60 },
    ],
  };
  const [refusal] = userErrorsIn(fieldIn(await askAsAdmin(savePolicy, { input }), 'saveSlaPolicy'));
  if (refusal !== undefined) throw new Error(`the demo service level was refused: ${refusal.message}`);
}
