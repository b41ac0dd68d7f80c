import { type Ask, fieldIn, userErrorsIn } from './ask.ts';
import { afterSalesTemplates } from './templates/after-sales.ts';
import { answeringTemplates } from './templates/answering.ts';
import { courtesyTemplates } from './templates/courtesy.ts';
import { deliveryTemplates } from './templates/delivery.ts';
import type { StarterTemplate } from './templates/starter-template.ts';

export const starterPack: readonly StarterTemplate[] = [
  ...deliveryTemplates,
  ...afterSalesTemplates,
  ...courtesyTemplates,
  ...answeringTemplates,
];

const upsertTemplate = /* GraphQL */ `
  mutation UpsertTemplate($input: UpsertTemplateInput!) {
    upsertTemplate(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

/**
 * Gives a seller the templates of the starter pack. A template that the seller has changed since stays as it is.
 * @param askAsAdmin asks in the name of the seller's admin
 */
export async function loadTemplates(askAsAdmin: Ask): Promise<void> {
  for (const { texts, variables, ...template } of starterPack) {
    const input = {
      ...template,
      variables: Object.entries(variables).map(([name, type]) => ({ name, type })),
      fallbackLocales: ['en'],
      variants: Object.entries(texts).map(([locale, text]) => ({ locale, text })),
    };
    const payload = fieldIn(await askAsAdmin(upsertTemplate, { input }), 'upsertTemplate');
    const [refusal] = userErrorsIn(payload).filter(({ code }) => code !== 'VERSION_CONFLICT');
    if (refusal !== undefined) throw new Error(`the demo template ${template.key} was refused: ${refusal.message}`);
  }
}
