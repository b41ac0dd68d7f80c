import type { CustomerId, EventData, TenantId } from '@crossdesk/contracts';
import { type AnyEventDraft, type Clock, lockedAggregate, type Origin, type Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { countCustomerEvents } from '../../customer/customer-version.store.ts';
import { dayLimitsOf } from '../segment/condition-sql.ts';
import { factsOf } from '../segment/customer-field.domain.ts';
import { type CustomerTag, handTags, tagsOf } from '../tag/tag.domain.ts';
import { readSettings, type ValueSettings } from './settings.store.ts';
import {
  type CustomerSource,
  lockStats,
  readSources,
  saveStats,
  type StatsChange,
  type StoredStats,
} from './stats.store.ts';
import type { TierCause } from '../tier/tier-model.domain.ts';
import { nextChangeAt, worthOf } from './worth.domain.ts';

export interface RecomputeDeps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
}

/**
 * Computes customers again from their orders and from what people said, saves what is different and publishes it. The
 * ids may be those of any of their profiles. Whoever calls it has a turn (`takeTurns`), so that nobody is merged
 * meanwhile.
 */
export async function recompute(
  { outbox, clock }: RecomputeDeps,
  trx: Transaction<DB>,
  { tenantId, profileIds, cause }: { tenantId: TenantId; profileIds: readonly CustomerId[]; cause: TierCause },
  origin: Origin,
): Promise<void> {
  if (profileIds.length === 0) return;
  const now = clock.now();
  const stored = await lockStats(trx, tenantId, profileIds);
  const settings = await readSettings(trx, tenantId);
  const sources = await readSources(
    trx,
    tenantId,
    stored.map(({ customerId }) => customerId),
  );
  const byId = new Map(stored.map((one) => [one.customerId, one]));
  const changes = sources.flatMap((source) => {
    const before = byId.get(source.customerId);
    return before === undefined ? [] : changeOf(before, source, settings, { cause, now });
  });
  await saveStats(trx, tenantId, changes, now);
  const told = changes.filter(isTold).map((change) => ({ customerId: change.customerId, events: eventsOf(change) }));
  if (told.length === 0) return;
  const counts = told.map(({ customerId, events }) => ({ customerId, count: events.length }));
  const firsts = await countCustomerEvents(trx, tenantId, counts);
  await outbox.append(
    trx,
    told.flatMap(({ customerId: id, events }) =>
      events.map((event, n): AnyEventDraft => {
        const version = (firsts.get(id) ?? 0) + n;
        return { ...event, aggregate: lockedAggregate({ tenantId, id, version }), origin };
      }),
    ),
  );
}

interface Change extends StatsChange {
  readonly allTags: readonly CustomerTag[];
}

function changeOf(
  { tier, version }: StoredStats,
  { customerId, orders, said, tags: present, locale, accountIds }: CustomerSource,
  { model, modelVersion, rates, rules }: ValueSettings,
  { cause, now }: { readonly cause: TierCause; readonly now: Date },
): Change {
  const worth = worthOf(orders, { model, rates, now });
  const facts = factsOf({ ...worth, locale, accountIds, tags: handTags(said) }, now);
  const allTags = tagsOf(said, rules, facts);
  const limits = rules.flatMap(({ condition }) => dayLimitsOf(condition));
  const added = allTags.filter((tag) => !present.some((one) => isSameTag(one, tag)));
  const gone = present.filter(({ tag }) => !allTags.some((one) => one.tag === tag));
  const tierChange = tier === worth.tier ? null : { from: tier, cause };
  const isOther = added.length + gone.length > 0 || tierChange !== null;
  return {
    ...{ customerId, worth, modelVersion, allTags, tierChange },
    nextChangeAt: nextChangeAt(orders, { model, now }, limits),
    version: isOther ? version + 1 : version,
    tags: { added, gone },
  };
}

/** The same word of the same person or rule. The amount that a rule found may be another. */
function isSameTag(one: CustomerTag, other: CustomerTag): boolean {
  return one.tag === other.tag && one.agentId === other.agentId && one.ruleId === other.ruleId;
}

function isTold({ tags, tierChange }: Change): boolean {
  return tags.added.length + tags.gone.length > 0 || tierChange !== null;
}

type ValueEvent = 'crm.customer-untagged' | 'crm.customer-tagged' | 'crm.tier-changed' | 'crm.customer-changed';
type Told = { [T in ValueEvent]: { readonly type: T; readonly data: EventData<T> } }[ValueEvent];

/** What is told of a change, in this order; each event has its own version. */
function eventsOf({ customerId, tags, tierChange, worth, modelVersion, allTags }: Change): Told[] {
  const about = ({ tag, agentId, ruleId }: CustomerTag) => ({
    ...{ customerId, tag, agentId, ruleId },
    by: agentId === null ? ('rule' as const) : ('agent' as const),
  });
  const { tier } = worth;
  return [
    ...tags.gone.map((tag): Told => ({ type: 'crm.customer-untagged', data: about(tag) })),
    ...tags.added.map((tag): Told => ({ type: 'crm.customer-tagged', data: about(tag) })),
    ...(tierChange === null
      ? []
      : [{ type: 'crm.tier-changed', data: { customerId, ...tierChange, to: tier, modelVersion } } satisfies Told]),
    {
      type: 'crm.customer-changed',
      data: { customerId, tags: allTags.map(({ tag }) => tag), tier, tagged: allTags.map(shownTag) },
    },
  ];
}

/** What a rule found is not told: amounts of a person are no matter of the log. */
function shownTag({ tag, name, agentId, ruleId, reason }: CustomerTag) {
  const asked = reason === null ? null : { field: reason.field, op: reason.op, values: [...reason.values] };
  return { tag, name, agentId, ruleId, reason: asked };
}
