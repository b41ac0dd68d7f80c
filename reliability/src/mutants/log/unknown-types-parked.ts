import * as original from '../../../../packages/contracts/src/codec.ts';

export * from '../../../../packages/contracts/src/codec.ts';

/** Does not say the type of an event that it does not know, so that every consumer of the topic parks it. */
export const decodeEvent: typeof original.decodeEvent = (bytes) => {
  try {
    return original.decodeEvent(bytes);
  } catch (error) {
    throw error instanceof original.UnknownEvent ? new original.UnknownEvent(error.problems) : error;
  }
};
