import type { ConversationId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import {
  accept,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  unchanged,
} from '@crossdesk/service-kit';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, retagged } from '../conversation/conversation.domain.ts';
import { tagsChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { readNames, type Tag, type TagColour, tagsOfConversationMax, tagsOfWorkspaceMax } from './tag.domain.ts';
import { addTags, lockTags, newTag, removeTags, saveTag, tagsByFoldedNames, tagsOfConversations } from './tag.store.ts';

export interface TagsInput {
  readonly conversationId: ConversationId;
  readonly tags: readonly string[];
}

type Refusal = 'INVALID_INPUT' | 'NOT_FOUND';

/** Marks a conversation with tags; a new word becomes a tag of the workspace. */
export async function addConversationTags(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { conversationId, tags: names }: TagsInput,
): Promise<Outcome<Conversation, Refusal>> {
  const { trx, actor } = call;
  const locked = await lockConversation(trx, { tenantId: actor.tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const read = readNames(names);
  if (!read.ok) return read;
  const present = (await tagsOfConversations(trx, actor.tenantId, [locked.id])).get(locked.id) ?? [];
  const has = new Set(present.map(({ name }) => foldedName(name)));
  const missing = new Map([...read.value].filter(([folded]) => !has.has(folded)));
  if (missing.size === 0) return unchanged(locked);
  if (present.length + missing.size > tagsOfConversationMax)
    return refuse(
      'INVALID_INPUT',
      'tags',
      `A conversation has at most ${tagsOfConversationMax} tags: remove one first.`,
    );
  const tags = await tagsCalled(call, missing);
  if (!tags.ok) return tags;
  await addTags(trx, locked, tags.value);
  return tell(deps, call, locked, present);
}

/** Takes tags away from a conversation. */
export async function removeConversationTags(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { conversationId, tags: names }: TagsInput,
): Promise<Outcome<Conversation, Refusal>> {
  const { trx, actor } = call;
  const locked = await lockConversation(trx, { tenantId: actor.tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const read = readNames(names);
  if (!read.ok) return read;
  const present = (await tagsOfConversations(trx, actor.tenantId, [locked.id])).get(locked.id) ?? [];
  const tags = await tagsByFoldedNames(trx, actor.tenantId, [...read.value.keys()]);
  if (tags.length === 0 || !(await removeTags(trx, locked, tags))) return unchanged(locked);
  return tell(deps, call, locked, present);
}

/** Makes a tag of the workspace, or gives it another spelling or colour. */
export async function upsertConversationTag(
  _: unknown,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { name, colour }: { readonly name: string; readonly colour: TagColour },
): Promise<Outcome<Tag, 'INVALID_INPUT'>> {
  const read = readNames([name]);
  if (!read.ok) return { ok: false, errors: read.errors.map((error) => ({ ...error, path: ['name'] })) };
  const count = await lockTags(trx, tenantId);
  const [[folded = '', spelling = ''] = []] = read.value;
  const [present] = await tagsByFoldedNames(trx, tenantId, [folded]);
  if (present === undefined && count >= tagsOfWorkspaceMax) return tooMany;
  if (present?.name === spelling && present.colour === colour) return unchanged(present);
  const tag = { ...(present ?? newTag(tenantId, spelling, colour)), name: spelling, colour };
  await saveTag(trx, tag);
  return changed(tag, tag.id);
}

const tooMany = refuse('INVALID_INPUT', null, `A workspace has at most ${tagsOfWorkspaceMax} tags: take one of those.`);

/** The tags with these names; the ones that are new are made. */
async function tagsCalled(
  { trx, actor: { tenantId } }: CommandCall<DB>,
  names: ReadonlyMap<string, string>,
): Promise<Decision<Tag[], 'INVALID_INPUT'>> {
  const known = await tagsByFoldedNames(trx, tenantId, [...names.keys()]);
  if (known.length === names.size) return accept(known);
  const count = await lockTags(trx, tenantId);
  // Another request may have made them before the lock.
  const present = await tagsByFoldedNames(trx, tenantId, [...names.keys()]);
  const has = new Set(present.map(({ name }) => foldedName(name)));
  const made = [...names].flatMap(([folded, name]) => (has.has(folded) ? [] : [newTag(tenantId, name, 'grey')]));
  if (count + made.length > tagsOfWorkspaceMax) return tooMany;
  for (const tag of made) await saveTag(trx, tag);
  return accept([...present, ...made]);
}

async function tell(
  { outbox, clock }: CommandDeps,
  { trx, origin }: CommandCall<DB>,
  locked: Conversation,
  before: readonly Tag[],
): Promise<Outcome<Conversation, never>> {
  const conversation = retagged(locked);
  const now = (await tagsOfConversations(trx, locked.tenantId, [locked.id])).get(locked.id) ?? [];
  const names = { tags: now.map(({ name }) => name), previousTags: before.map(({ name }) => name) };
  const told = { aggregate: aggregateOf(conversation), conversation, origin };
  await saveChanges({ outbox, clock }, trx, [
    { before: locked, after: conversation, events: [tagsChanged(told, names)] },
  ]);
  return changed(conversation, conversation.id);
}
