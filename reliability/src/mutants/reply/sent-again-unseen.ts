import * as original from '../../../../services/ingest/src/delivery/delivery.domain.ts';

export * from '../../../../services/ingest/src/delivery/delivery.domain.ts';

/** Sends a reply of unknown outcome again without reading the platform back. */
export const decideDoubt: typeof original.decideDoubt = (known, channel) => {
  const decision = original.decideDoubt(known, channel);
  return decision === 'read back' ? original.notExecuted : decision;
};
