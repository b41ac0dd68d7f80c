import { expect } from '@jest/globals';
import type { TenantId } from '@crossdesk/contracts';
import type { Role } from '@crossdesk/service-kit';
import type { AutomationService } from '../src/app.ts';
import { read } from './rule.support.ts';

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
