import { spaced } from '@crossdesk/folded-text';
import { type CommandCall, isBlank, type Outcome, refuse } from '@crossdesk/service-kit';
import { type ChangeInput, changeConversation, type CommandDeps } from '../conversation/conversation.commands.ts';
import type { Conversation, EnquiryType } from '../conversation/conversation.domain.ts';
import type { DB } from '../db.ts';
import { classify } from './enquiry.domain.ts';
import { saveSubtype } from './enquiry.store.ts';

const subtypeCharactersMax = 50;
const subtypesMax = 200;

/** Says what the buyer wants, in the name of a person. */
export function classifyConversation(
  deps: CommandDeps,
  call: CommandCall<DB>,
  input: ChangeInput & { readonly type: EnquiryType; readonly subtype: string | null },
): Promise<Outcome<Conversation, 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  return changeConversation(deps, call, input, 'classified', async (conversation, made) => {
    const { type, subtype: asked } = input;
    if (asked !== null && (isBlank(asked) || asked.length > subtypeCharactersMax))
      return refuse('INVALID_INPUT', 'subtype', `A sub-type has 1 to ${subtypeCharactersMax} characters.`);
    const subtype =
      asked === null ? null : await saveSubtype(call.trx, call.actor.tenantId, type, spaced(asked), subtypesMax);
    if (asked !== null && subtype === null)
      return refuse('INVALID_INPUT', 'subtype', `A workspace has at most ${subtypesMax} sub-types: take one of those.`);
    return classify(conversation, { type, subtype, by: 'person' }, made);
  });
}
