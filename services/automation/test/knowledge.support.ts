import { expect } from '@jest/globals';
import {
  type ConversationId,
  type CustomerId,
  type EventOf,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import type { Role } from '@crossdesk/service-kit';
import { eventually, givenMessage, type TestHarness } from '@crossdesk/testkit';
import { sql } from 'kysely';
import type { AutomationService } from '../src/app.ts';
import { linked, orderIn, read, said } from './rule.support.ts';

export interface ShownText {
  readonly locale: string;
  readonly title: string;
  readonly body: string;
  readonly version: number;
  readonly isStale: boolean;
  readonly differingNumbers: readonly string[];
  readonly intents: readonly string[];
}

export interface ShownArticle {
  readonly id: string;
  readonly key: string;
  readonly version: number;
  readonly state: string;
  readonly hasUnpublishedChanges: boolean;
  readonly content: { readonly title: string; readonly texts: readonly ShownText[] };
  readonly inForce: { readonly version: number; readonly content: { readonly title: string } } | null;
}

interface ArticlePayload {
  readonly article: ShownArticle | null;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly path: readonly string[] }[];
}

const shown = `id key version state hasUnpublishedChanges inForce { version content { title } }
  content { type isForBuyers channel markets skus validFrom validTo reviewBy originalLocale title
    texts { locale title body questions version isStale differingNumbers intents } }`;

export const english = {
  locale: 'en',
  title: 'How long can I return something?',
  body: 'You can return it within 14 days. Refunds take 5 working days.',
  questions: ['Can I send it back?'],
};
export const german = {
  locale: 'de',
  title: 'Wie lange kann ich etwas zurückgeben?',
  body: 'Sie können es innerhalb von 14 Tagen zurückgeben. Die Erstattung dauert 5 Werktage.',
  questions: ['Kann ich es zurückschicken?'],
};
export const returns = { key: 'returns', type: 'FAQ', originalLocale: 'en', texts: [english, german] };

export async function changeArticle(
  automation: AutomationService,
  tenantId: TenantId,
  name: string,
  input: object,
  role: Role = 'supervisor',
): Promise<ArticlePayload> {
  const type = name === 'upsertArticle' ? 'UpsertArticleInput' : 'ChangeArticleInput';
  const query = `mutation ($input: ${type}!) {
    ${name}(input: $input) { article { ${shown} } errors { code message path } } }`;
  return (await read(automation, tenantId, query, { input }, role))[name] as ArticlePayload;
}

/** An article that was written; published unless it is a draft. */
export async function givenArticle(
  automation: AutomationService,
  tenantId: TenantId,
  content: object = {},
  isDraft = false,
): Promise<ShownArticle> {
  const written = await changeArticle(automation, tenantId, 'upsertArticle', { ...returns, ...content });
  expect(written.errors).toEqual([]);
  if (written.article === null) throw new Error('no article');
  if (isDraft) return written.article;
  const change = { articleId: written.article.id, expectedVersion: written.article.version };
  const { article } = await changeArticle(automation, tenantId, 'publishArticle', change);
  if (article === null) throw new Error('not published');
  return article;
}

interface Suggestions {
  readonly messageId: string | null;
  readonly replies: readonly {
    readonly id: string;
    readonly text: string;
    readonly locale: string;
    readonly score: number;
    readonly outcome: string | null;
    readonly template: { readonly key: string } | null;
    readonly article: { readonly key: string } | null;
    readonly reasons: readonly { readonly kind: string; readonly intent: string | null }[];
  }[];
  readonly unfilled: readonly {
    readonly template: { readonly key: string };
    readonly outcome: string;
    readonly variables: readonly string[];
  }[];
}

export async function suggestionsFor(
  automation: AutomationService,
  tenantId: TenantId,
  conversationId: string,
): Promise<Suggestions> {
  const query = `query ($id: ID!) { suggestedReplies(conversationId: $id) { messageId
    replies { id text locale score outcome template { key } article { key } articleVersion reasons { kind intent points } }
    unfilled { template { key } outcome variables } } }`;
  return (await read(automation, tenantId, query, { id: conversationId }))['suggestedReplies'] as Suggestions;
}

/** What stands for a suggestion in a list of them. */
export function namesOf({ replies }: Suggestions): string[] {
  return replies.map(({ template, article }) => template?.key ?? article?.key ?? '');
}

export function settled(automation: AutomationService, tenantId: TenantId, suggestionId: string, outcome: string) {
  const query = `mutation ($input: SettleSuggestionInput!) {
    settleSuggestion(input: $input) { outcome errors { code path } } }`;
  return read(automation, tenantId, query, { input: { suggestionId, outcome } });
}

async function givenTemplate(
  automation: AutomationService,
  tenantId: TenantId,
  content: { readonly key: string; readonly situation: string; readonly text: string; readonly variables?: object[] },
): Promise<void> {
  const { text, ...rest } = content;
  const input = { ...rest, name: rest.key, fallbackLocales: ['en'], variants: [{ locale: 'en', text }] };
  const query = `mutation ($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { errors { message } } }`;
  expect(await read(automation, tenantId, query, { input }, 'supervisor')).toEqual({ upsertTemplate: { errors: [] } });
}

interface Place {
  readonly automation: AutomationService;
  readonly harness: TestHarness;
}

/** A conversation in which the buyer has said something, known here as it would be after its events. */
export async function givenBuyer(
  { automation, harness }: Place,
  tenantId: TenantId,
  text: string,
): Promise<ConversationId> {
  const received = givenMessage({ tenantId, content: { kind: 'text', text } });
  const { conversationId, messageId } = received.data;
  const added = said({ tenantId, conversationId, text });
  const cause = { ...added, data: { ...added.data, messageId } };
  const orderId = newId<OrderId>();
  await harness.publish(received, cause, orderIn('shipped', { tenantId, orderId }));
  await harness.publish(linked(cause, newId<CustomerId>(), orderId));
  const ready = `query ($id: ID!) { suggestedReplies(conversationId: $id) { messageId } }`;
  await eventually(async () => {
    const known = await read(automation, tenantId, ready, { id: conversationId });
    expect(known).toEqual({ suggestedReplies: { messageId } });
    const { rows } =
      await sql`select 1 from conversation_order o join message_analysis m using (tenant_id, conversation_id)
      join order_facts f using (tenant_id, order_id)
      where o.conversation_id = ${conversationId}`.execute(automation.runtime.db.worker);
    expect(rows).toHaveLength(1);
  });
  return conversationId;
}

const orderNumber = { name: 'orderNumber', type: 'TEXT' };

/** Templates and articles about where an order is. */
export async function givenOffers(automation: AutomationService, tenantId: TenantId): Promise<void> {
  const late = { key: 'late', situation: 'DELAYED', text: 'It is late: {reason}.' };
  await givenTemplate(automation, tenantId, {
    key: 'where',
    situation: 'WHERE_IS_MY_ORDER',
    text: 'Your order {orderNumber} is on its way.',
    variables: [orderNumber],
  });
  await givenTemplate(automation, tenantId, { ...late, variables: [{ name: 'reason', type: 'TEXT' }] });
  await givenTemplate(automation, tenantId, { key: 'invoice', situation: 'INVOICE', text: 'Here is your invoice.' });
  const tracking = { ...english, title: 'Where is my parcel?', body: 'Open the link in the mail.', questions: [] };
  await givenArticle(automation, tenantId, { key: 'tracking', texts: [tracking] });
  const internal = { key: 'internal', type: 'PROCEDURE', isForBuyers: false, texts: [tracking] };
  await givenArticle(automation, tenantId, internal);
}

/** The next message of a conversation, once it is known here. */
export async function givenNext(
  { automation, harness }: Place,
  event: EventOf<'conversation.message-added'>,
): Promise<void> {
  await harness.publish(event);
  const texts = () =>
    automation.runtime.db.worker
      .selectFrom('message_text')
      .select('text')
      .where('conversation_id', '=', event.data.conversation.conversationId)
      .execute();
  await eventually(async () => expect(await texts()).toHaveLength(event.aggregateVersion));
}

/** A buyer who asks something, and a person who answers. */
export async function givenSolved(
  place: Place,
  tenantId: TenantId,
  [question, answer]: readonly [string, string],
): Promise<ConversationId> {
  const conversationId = await givenBuyer(place, tenantId, question);
  const reply = said({ tenantId, conversationId, text: answer, direction: 'outbound' });
  await givenNext(place, { ...reply, aggregateVersion: 2 });
  return conversationId;
}

export interface Answer {
  readonly passages: readonly {
    readonly article: { readonly key: string; readonly inForce: { readonly content: { readonly texts: Body[] } } };
    readonly locale: string;
    readonly text: string;
    readonly start: number;
    readonly end: number;
    readonly score: number;
    readonly isStale: boolean;
  }[];
  readonly gap: { readonly id: string; readonly askedCount: number; readonly questions: readonly string[] } | null;
}

interface Body {
  readonly locale: string;
  readonly body: string;
}

export const answerQuery = `query ($question: String!, $locale: String!, $sku: String, $conversationId: ID) {
  answer(question: $question, locale: $locale, sku: $sku, conversationId: $conversationId) {
    passages { locale text start end score isStale article { key inForce { content { texts { locale body } } } } }
    gap { id askedCount questions } } }`;
