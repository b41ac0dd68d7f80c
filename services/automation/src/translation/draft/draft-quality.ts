import type { TenantId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import { type ServiceRuntime, toEnum } from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { qualityOf } from '../quality.domain.ts';
import { languageOf } from '../text/locale.domain.ts';
import { approvedBetween, type DraftRow } from './draft.store.ts';

type Judged = Pick<DraftRow, 'engine' | 'edit_distance'>;

/** How good the translations between two languages were, in all and by engine; null for a language that is none. */
export async function qualityBetween(
  { db }: Pick<ServiceRuntime<DB>, 'db'>,
  tenantId: TenantId,
  locales: { readonly source: string; readonly target: string },
) {
  const [source, target] = [canonicalLocale(locales.source), canonicalLocale(locales.target)];
  if (source === null || target === null) return null;
  const pair = { source: languageOf(source), target: languageOf(target) };
  const judged = await db.forTenant(tenantId, (trx) => approvedBetween(trx, tenantId, pair));
  const engines = [...Map.groupBy(judged, ({ engine }) => engine)].flatMap(([engine, of]) => {
    const { n, score, low, high } = qualityOf(distancesOf(of));
    if (score === null || low === null || high === null) return [];
    return [{ engine: engine === null || engine === 'memory' ? null : toEnum(engine), n, score, low, high }];
  });
  return { ...qualityOf(distancesOf(judged)), engines: engines.toSorted((one, other) => other.score - one.score) };
}

function distancesOf(judged: readonly Judged[]): number[] {
  return judged.flatMap(({ edit_distance: distance }) => distance ?? []);
}
