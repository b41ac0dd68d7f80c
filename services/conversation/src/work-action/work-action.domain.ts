import type { AgentId } from '@crossdesk/contracts';
import { accept, type Decision, refuse, type Refused, refuseText } from '@crossdesk/service-kit/decision';
import type { ConversationPriority, ConversationState } from '../conversation/conversation.domain.ts';
import type { WantedValue } from '../attribute/attribute.domain.ts';
import { readNames } from '../tag/tag.domain.ts';
import { refusePattern } from './reply-pattern.domain.ts';

/** One thing that a macro or a bulk job does with a conversation. */
export type WorkAction =
  /** A reply to the buyer, with variables. */
  | { readonly kind: 'reply'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string }
  /** Null: nobody; `me`: whoever runs it. */
  | { readonly kind: 'assign'; readonly agentId: AgentId | 'me' | null }
  | { readonly kind: 'set-state'; readonly state: ConversationState }
  | { readonly kind: 'set-priority'; readonly priority: ConversationPriority }
  | { readonly kind: 'add-tags'; readonly tags: readonly string[] }
  | { readonly kind: 'remove-tags'; readonly tags: readonly string[] }
  /** Values of attributes; null takes one away. */
  | { readonly kind: 'set-attributes'; readonly values: readonly WantedValue[] };

export const workActionKinds = [
  'reply',
  'note',
  'assign',
  'set-state',
  'set-priority',
  'add-tags',
  'remove-tags',
  'set-attributes',
] as const satisfies WorkAction['kind'][];

const noteCharactersMax = 10_000;

/** What is asked for: the actions whose fields are given. */
export type WishedAction = readonly WorkAction[];

/** The one action that was asked for, if it can be carried out at all; conversations may refuse it still. */
export function readAction(wished: WishedAction, field: string): Decision<WorkAction, 'INVALID_INPUT'> {
  const [action, ...others] = wished;
  if (action === undefined || others.length > 0)
    return refuse('INVALID_INPUT', field, 'Give exactly one field of the action.');
  return refuseAction(action, field) ?? accept(action);
}

function refuseAction(action: WorkAction, field: string): Refused<'INVALID_INPUT'> | null {
  switch (action.kind) {
    case 'reply':
      return refusePattern(field, action.text);
    case 'note':
      return refuseText(field, action.text, noteCharactersMax);
    case 'add-tags':
    case 'remove-tags': {
      const names = readNames(action.tags);
      return names.ok ? null : refuse('INVALID_INPUT', field, names.errors[0]?.message ?? '');
    }
    default:
      return null;
  }
}
