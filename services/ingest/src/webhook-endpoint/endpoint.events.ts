import type { AnyEventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import { stateOf } from './endpoint.domain.ts';
import type { EndpointRow } from './endpoint.store.ts';

/** Carries neither secrets nor the address, which may contain one. */
export function endpointChanged(aggregate: LockedAggregate, row: EndpointRow, origin: Origin): AnyEventDraft {
  return drafted(aggregate, row, stateOf(row), origin);
}

export function endpointDeleted(aggregate: LockedAggregate, row: EndpointRow, origin: Origin): AnyEventDraft {
  return drafted(aggregate, row, 'deleted', origin);
}

function drafted(
  aggregate: LockedAggregate,
  row: EndpointRow,
  state: ReturnType<typeof stateOf> | 'deleted',
  origin: Origin,
): AnyEventDraft {
  const { id: endpointId, description, event_types: eventTypes, account_ids: accountIds } = row;
  return {
    aggregate,
    type: 'ingest.webhook-endpoint-changed',
    origin,
    data: { endpointId, description, eventTypes, accountIds, state, reason: row.disabled_reason },
  };
}
