import { type ArticleId, type ConversationId, newId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { type Article, type ArticleChange, archive, type NewContent, publish, upsert } from './article.domain.ts';
import { articleChanged } from './article.events.ts';
import { lockArticle, lockArticleKey, saveArticle } from './article.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

export interface UpsertArticleInput {
  readonly key: string;
  /** Null to create an article. */
  readonly expectedVersion: number | null;
  readonly content: NewContent;
  /** The conversation that the words are from; null if somebody wrote them. */
  readonly conversationId: ConversationId | null;
}

/** Creates the article with this key, or replaces its words. */
export async function upsertArticle(
  deps: Deps,
  call: CommandCall<DB>,
  { key, expectedVersion, content, conversationId }: UpsertArticleInput,
): Promise<Outcome<Article, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const { tenantId } = call.actor;
  const present = await lockArticleKey(call.trx, tenantId, key);
  const blank = { tenantId, id: present?.id ?? newId<ArticleId>(), key, conversationId };
  const decision = upsert(present, blank, { expectedVersion, content, now: deps.clock.now() });
  return decision.ok ? record(deps, call, present, { next: decision.value, change: 'written' }) : decision;
}

export interface ChangeArticleInput {
  readonly articleId: ArticleId;
  readonly expectedVersion: number;
}

/** Brings the last words of an article into force. */
export function publishArticle(deps: Deps, call: CommandCall<DB>, input: ChangeArticleInput) {
  return change(deps, call, input, { decide: publish, change: 'published' });
}

export function archiveArticle(deps: Deps, call: CommandCall<DB>, input: ChangeArticleInput) {
  return change(deps, call, input, { decide: archive, change: 'archived' });
}

async function change(
  deps: Deps,
  call: CommandCall<DB>,
  { articleId, expectedVersion }: ChangeArticleInput,
  step: { readonly decide: typeof publish; readonly change: ArticleChange },
): Promise<Outcome<Article, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const present = await lockArticle(call.trx, call.actor.tenantId, articleId);
  if (present === null) return noArticle;
  const decision = step.decide(present, { expectedVersion, now: deps.clock.now() });
  return decision.ok ? record(deps, call, present, { next: decision.value, change: step.change }) : decision;
}

/** Saves and publishes an article; one that the decision left as it is is only returned. */
async function record(
  { outbox }: Deps,
  { trx, actor, origin }: CommandCall<DB>,
  present: Article | null,
  { next, change: made }: { readonly next: Article; readonly change: ArticleChange },
) {
  if (next === present) return unchanged(next);
  const aggregate = await saveArticle(trx, next, made, agentOf(actor));
  await outbox.append(trx, [articleChanged(aggregate, next, made, origin)]);
  return changed(next, next.id);
}

const noArticle = refuse('NOT_FOUND', 'articleId', 'There is no article with this id: take one from articles.');
