import * as original from '../../../../services/conversation/src/client-request.store.ts';

export * from '../../../../services/conversation/src/client-request.store.ts';

/** Treats every request as new. */
export const findClientRequest: typeof original.findClientRequest = async () => null;

export const claimClientRequest: typeof original.claimClientRequest = async (trx, request, resultId, now) => {
  await original.claimClientRequest(trx, request, resultId, now);
  return null;
};
