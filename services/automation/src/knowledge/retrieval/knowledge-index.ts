import type { ArticleId } from '@crossdesk/contracts';
import { type Intent, intents } from '../../analysis/labels.domain.ts';
import type { ArticleContent } from '../article/article.domain.ts';
import { rarityOfGram } from './common-grams.ts';
import { eachGram } from './grams.domain.ts';
import { createSegmentBuilder, type Segment, type Statistics } from './segment.ts';

/** An article as it is in force, apart from its validity. */
export interface PublishedArticle {
  readonly articleId: ArticleId;
  readonly version: number;
  readonly content: ArticleContent;
}

/** A text of an article, without its words. */
export interface Entry extends Omit<ArticleContent, 'texts' | 'originalLocale' | 'reviewBy'> {
  readonly articleId: ArticleId;
  readonly version: number;
  readonly locale: string;
  /** The locale without script and country. */
  readonly language: string;
  /** A bit for each intent. */
  readonly wishes: number;
}

/** The published articles of a workspace, in segments: the first one is the largest, later ones have the changes. */
export interface KnowledgeIndex {
  readonly segments: readonly Segment<Entry>[];
  /** The version of each article that is found; entries of other versions are not. */
  readonly versions: ReadonlyMap<ArticleId, number>;
}

export const noKnowledge: KnowledgeIndex = { segments: [], versions: new Map() };

export function createIndexBuilder(before: KnowledgeIndex) {
  const builder = createSegmentBuilder<Entry>(eachGram);
  const versions = new Map(before.versions);
  return {
    add({ articleId, version, content }: PublishedArticle): void {
      versions.set(articleId, version);
      const { texts, originalLocale: _original, reviewBy: _review, ...scope } = content;
      for (const { locale, title, questions, body, intents: wanted } of texts) {
        const entry = { ...scope, articleId, version, locale, language: baseOf(locale), wishes: wishesOf(wanted) };
        builder.add(entry, { heads: [title, ...questions], body });
      }
    },
    remove(articleId: ArticleId): void {
      versions.delete(articleId);
    },
    finish(): KnowledgeIndex {
      const segment = builder.finish(statisticsOf(before));
      return { segments: segment.entries.length === 0 ? before.segments : [...before.segments, segment], versions };
    },
  };
}

function wishesOf(wanted: readonly Intent[]): number {
  return wanted.reduce((bits, intent) => bits | bitOf(intent), 0);
}

export function baseOf(locale: string): string {
  return locale.split('-', 1)[0] ?? locale;
}

export function bitOf(intent: Intent): number {
  return 1 << intents.indexOf(intent);
}

/** A later segment is weighed by the first one, so that their scores can be compared. */
function statisticsOf({ segments: [first] }: KnowledgeIndex): Statistics {
  if (first === undefined) return { averageLength: null, rarityOf: rarityOfGram };
  return {
    averageLength: first.averageLength,
    rarityOf: (gram) => rarityOfGram(gram, first.frequencyOf(gram), first.entries.length),
  };
}

/** How much a gram of a question says. */
export function rarityIn({ segments: [first] }: KnowledgeIndex, gram: number): number {
  return rarityOfGram(gram, first?.frequencyOf(gram) ?? 0, first?.entries.length ?? 0);
}
