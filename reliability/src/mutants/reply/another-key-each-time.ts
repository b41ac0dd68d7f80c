import * as original from '../../../../packages/channels/src/generic/generic.sign.ts';

export * from '../../../../packages/channels/src/generic/generic.sign.ts';

/** Sends each attempt of a reply under another key. */
export const signedHeaders: typeof original.signedHeaders = (account, _id, at, body) =>
  original.signedHeaders(account, crypto.randomUUID(), at, body);
