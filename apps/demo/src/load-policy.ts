import { type Ask, fieldIn, listIn, textIn, userErrorsIn } from './ask.ts';

const present = /* GraphQL */ `
  query PresentPolicy {
    automationPolicy {
      version
    }
    templates(first: 100) {
      edges {
        node {
          id
          key
        }
      }
    }
  }
`;

const setPolicy = /* GraphQL */ `
  mutation SetPolicy($input: SetAutomationPolicyInput!) {
    setAutomationPolicy(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'];

/**
 * Lets a machine answer questions about orders that were not shipped yet, and promise the answer of a colleague for all that it
 * does not know. A policy that the seller has set stays as it is.
 * @param askAsAdmin asks in the name of the seller's admin, whose workspace has the templates of the starter pack
 */
export async function loadPolicy(askAsAdmin: Ask): Promise<void> {
  const found = await askAsAdmin(present, {});
  if (fieldIn(fieldIn(found, 'automationPolicy'), 'version') !== 0) return;
  const templates = listIn(fieldIn(found, 'templates'), 'edges').map((edge) => fieldIn(edge, 'node'));
  const idOfTemplate = (key: string) =>
    textIn(
      templates.find((one) => textIn(one, 'key') === key),
      'id',
    ) ?? '';
  const preparing = { orderStates: ['to_ship', 'ready'], templateId: idOfTemplate('preparing') };
  const shipped = { orderStates: ['shipped', 'part_shipped'], templateId: idOfTemplate('shipped') };
  const input = {
    mode: 'AUTO',
    answers: ['ORDER_STATUS', 'LOGISTICS'].flatMap((intent) => [preparing, shipped].map((one) => ({ intent, ...one }))),
    askForOrderTemplateId: idOfTemplate('which-order'),
    handOver: {
      templateId: idOfTemplate('person-answers'),
      answerWithinMinutes: 120,
      hours: [{ weekdays, from: '09:00', to: '18:00' }],
      timeZone: 'Asia/Shanghai',
    },
    expectedVersion: 0,
  };
  const [refusal] = userErrorsIn(fieldIn(await askAsAdmin(setPolicy, { input }), 'setAutomationPolicy'));
  if (refusal !== undefined) throw new Error(`the demo policy was refused: ${refusal.message}`);
}
