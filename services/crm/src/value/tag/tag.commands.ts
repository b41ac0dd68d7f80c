import type { CustomerId } from '@crossdesk/contracts';
import { foldedName, plainName } from '@crossdesk/folded-text';
import {
  agentOf,
  changed,
  type CommandCall,
  liftLimits,
  type Outcome,
  refuse,
  refuseText,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { takeTurns } from '../../link/turns.store.ts';
import { recompute } from '../stats/recompute.commands.ts';
import { handTags } from './tag.domain.ts';
import { factsAbout, livingId, saveFact, tagsShownOf } from './tag.store.ts';

const charactersMax = 60;
const handTagsMax = 50;

type Code = 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND';

/**
 * Gives a customer a tag, or takes it away; how it was does not matter. A tag that a person took away is not given again
 * by a rule.
 */
export async function sayTag(
  deps: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  { trx, actor, origin }: CommandCall<DB>,
  input: { readonly customerId: CustomerId; readonly tag: string; readonly isSet: boolean },
): Promise<Outcome<CustomerId, Code>> {
  const { tenantId } = actor;
  const saidBy = agentOf(actor);
  if (saidBy === null)
    return refuse('FORBIDDEN', null, 'Only people tag customers by hand; programs write a tag rule.');
  const name = plainName(input.tag);
  const refusal = refuseText('tag', name, charactersMax);
  if (refusal !== null) return refusal;
  await takeTurns(trx, new Map([[tenantId, 'together']]));
  const customerId = await livingId(trx, tenantId, input.customerId);
  if (customerId === null)
    return refuse('NOT_FOUND', 'customerId', 'There is no customer with this id in your workspace.');
  // What people and rules said counts for all profiles, also those that the caller does not see.
  await liftLimits(trx);
  const tag = foldedName(name);
  const said = await factsAbout(trx, tenantId, customerId);
  const isThere = (await tagsShownOf(trx, tenantId, customerId)).includes(tag);
  const isSaid = said.some((fact) => fact.tag === tag && fact.isSet === input.isSet);
  if (isThere === input.isSet && (isSaid || !input.isSet)) return unchanged(customerId);
  if (input.isSet && handTags(said).length >= handTagsMax)
    return refuse('INVALID_INPUT', 'tag', `A customer has at most ${handTagsMax} tags by hand: take one away first.`);
  const fact = { tag, name, isSet: input.isSet, saidBy, saidAt: deps.clock.now() };
  await saveFact(trx, { tenantId, customerId }, fact);
  await recompute(deps, trx, { tenantId, profileIds: [customerId], cause: 'time' }, origin);
  return changed(customerId, customerId);
}
