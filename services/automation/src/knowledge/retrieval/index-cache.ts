import type { ArticleId, TenantId } from '@crossdesk/contracts';
import type { Database } from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { createIndexBuilder, type KnowledgeIndex, noKnowledge } from './knowledge-index.ts';
import { changedSince, publishedContents } from './published.store.ts';

type Db = Pick<Database<DB>, 'forTenant'>;

interface Known {
  readonly index: KnowledgeIndex;
  /** The last change that was read. */
  readonly until: Date;
}

const bytesMax = 128 * 1_048_576;
const pageMax = 100;
/** Each segment costs time: then those with changes become one. */
const segmentsMax = 12;
/** Changes that are a larger part of everything are not kept apart. */
const changedShareMax = 0.25;
/** A change is committed at the latest so long after the time that it carries. */
const commitMsMax = 60_000;
const never: Known = { index: noKnowledge, until: new Date(0) };

/** The indexes of the workspaces that asked last, as they are now. */
export function createIndexCache(db: Db) {
  const known = new Map<TenantId, Known>();
  const reading = new Map<TenantId, Promise<Known>>();

  async function refresh(tenantId: TenantId): Promise<Known> {
    const before = known.get(tenantId) ?? never;
    const next = await readChanges(db, tenantId, before);
    const kept = next.index.segments.length > segmentsMax ? await compact(db, tenantId, next) : next;
    known.delete(tenantId);
    known.set(tenantId, kept);
    forgetOthers(known);
    return kept;
  }

  return async function indexOf(tenantId: TenantId): Promise<KnowledgeIndex> {
    const running = reading.get(tenantId);
    // What is being read may have begun before the caller's own change.
    if (running !== undefined) await running.catch(() => undefined);
    const mine = reading.get(tenantId) ?? refresh(tenantId).finally(() => reading.delete(tenantId));
    reading.set(tenantId, mine);
    return (await mine).index;
  };
}

/** Reads what has changed, a few articles at a time, so that other requests are answered in between. */
async function readChanges(db: Db, tenantId: TenantId, { index, until }: Known): Promise<Known> {
  const since = new Date(until.getTime() - commitMsMax);
  const changed = (await db.forTenant(tenantId, (trx) => changedSince(trx, tenantId, since))).filter(
    ({ articleId, version }) => index.versions.get(articleId) !== (version ?? undefined),
  );
  if (changed.length === 0) return { index, until };
  const gone = changed.flatMap(({ articleId, version }) => (version === null ? [articleId] : []));
  const present = changed.flatMap(({ articleId, version }) => (version === null ? [] : [articleId]));
  const latest = changed.reduce((last, { changedAt }) => (changedAt > last ? changedAt : last), until);
  return { index: await withArticles(db, tenantId, index, { gone, present }), until: latest };
}

interface Changed {
  readonly gone: readonly ArticleId[];
  readonly present: readonly ArticleId[];
}

async function withArticles(
  db: Db,
  tenantId: TenantId,
  index: KnowledgeIndex,
  { gone, present }: Changed,
): Promise<KnowledgeIndex> {
  const builder = createIndexBuilder(index);
  for (const articleId of gone) builder.remove(articleId);
  for (let at = 0; at < present.length; at += pageMax) {
    const page = present.slice(at, at + pageMax);
    const articles = await db.forTenant(tenantId, (trx) => publishedContents(trx, tenantId, page));
    for (const article of articles) builder.add(article);
  }
  return builder.finish();
}

async function compact(db: Db, tenantId: TenantId, { index, until }: Known): Promise<Known> {
  const [first, ...later] = index.segments;
  const entries = later.flatMap((segment) => segment.entries);
  if (first === undefined || entries.length > changedShareMax * first.entries.length)
    return readChanges(db, tenantId, never);
  const present = [...new Set(entries.map(({ articleId }) => articleId))].filter((id) => index.versions.has(id));
  const base = { segments: [first], versions: index.versions };
  return { index: await withArticles(db, tenantId, base, { gone: [], present }), until };
}

/** The workspace that asked last is the last to go; the one that asks now is always kept. */
function forgetOthers(known: Map<TenantId, Known>): void {
  const bytesOf = ({ index }: Known) => index.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytes = [...known.values()].reduce((sum, one) => sum + bytesOf(one), 0);
  for (const [tenantId, one] of [...known].slice(0, -1)) {
    if (bytes <= bytesMax) return;
    known.delete(tenantId);
    bytes -= bytesOf(one);
  }
}
