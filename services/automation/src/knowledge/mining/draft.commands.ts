import type { ConversationId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import { type CommandCall, type Outcome, refuse, type ServiceRuntime, unchanged } from '@crossdesk/service-kit';
import { understand } from '../../analysis/understand.ts';
import type { DB } from '../../db.ts';
import { detectLanguage } from '../../language/detect-language.ts';
import { lastTexts } from '../../message/message-text.store.ts';
import { upsertArticle } from '../article/article.commands.ts';
import type { Article } from '../article/article.domain.ts';
import { readArticle } from '../article/article-input.domain.ts';
import { intentsOf } from '../article/article-intents.ts';
import { articleByKey } from '../article/article.store.ts';
import { mine, type Mined } from './mine.domain.ts';

/** Longer conversations are read from their end. */
const messagesMax = 200;

/** Writes a draft of what a conversation teaches, once for each conversation. A person looks at it and publishes it. */
export async function draftArticle(
  deps: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  call: CommandCall<DB>,
  conversationId: ConversationId,
): Promise<Outcome<Article, 'INVALID_INPUT' | 'NOT_FOUND' | 'NOTHING_TO_DRAFT' | 'VERSION_CONFLICT'>> {
  const { trx, actor } = call;
  const key = `case-${conversationId}`;
  const before = await articleByKey(trx, actor.tenantId, key);
  if (before !== null) return unchanged(before);
  const spoken = await lastTexts(trx, actor.tenantId, conversationId, messagesMax);
  const mined = mine(spoken, isQuestion);
  if (mined === null) return nothing;
  const content = readArticle(key, contentOf(mined), intentsOf);
  if (!content.ok) return content;
  return upsertArticle(deps, call, { key, expectedVersion: null, content: content.value, conversationId });
}

function isQuestion(text: string): boolean {
  const { intents } = understand(text, detectLanguage(text).language);
  return /[?？؟]/u.test(text) || intents.some(({ isCertain, intent }) => isCertain && intent !== 'thanks_other');
}

function contentOf(mined: Mined) {
  const found = detectLanguage(`${mined.title}\n${mined.body}`).language;
  const locale = (found === null ? null : canonicalLocale(found)) ?? 'en';
  return {
    type: 'case',
    // Until somebody has read it.
    isForBuyers: false,
    channel: null,
    markets: [],
    skus: [],
    validFrom: null,
    validTo: null,
    reviewBy: null,
    originalLocale: locale,
    texts: [{ ...mined, locale, isChecked: false }],
  } as const;
}

const nothing = refuse(
  'NOTHING_TO_DRAFT',
  'conversationId',
  'There is no question of the buyer with an answer of a person in the words that are kept of this conversation.',
);
