import type { TenantId } from '@crossdesk/contracts';
import { foldedName, spaced } from '@crossdesk/folded-text';
import { accept, type Decision, isBlank, refuse } from '@crossdesk/service-kit/decision';

declare const brand: unique symbol;
export type TagId = string & { readonly [brand]: 'TagId' };

export const tagColours = ['grey', 'red', 'orange', 'yellow', 'green', 'blue', 'violet'] as const;
export type TagColour = (typeof tagColours)[number];

/** A word that conversations of a workspace are marked with. */
export interface Tag {
  readonly tenantId: TenantId;
  readonly id: TagId;
  readonly name: string;
  readonly colour: TagColour;
}

const nameCharactersMax = 50;
const namesMax = 20;
export const tagsOfWorkspaceMax = 500;
export const tagsOfConversationMax = 50;

/** The names by their folded form, each once. */
export function readNames(names: readonly string[]): Decision<ReadonlyMap<string, string>, 'INVALID_INPUT'> {
  if (names.length === 0 || names.length > namesMax)
    return refuse('INVALID_INPUT', 'tags', `Name 1 to ${namesMax} tags.`);
  const wrong = names.some((name) => name.length > nameCharactersMax || isBlank(name));
  if (wrong) return refuse('INVALID_INPUT', 'tags', `A tag has 1 to ${nameCharactersMax} characters.`);
  return accept(new Map(names.map((name) => [foldedName(name), spaced(name)])));
}
