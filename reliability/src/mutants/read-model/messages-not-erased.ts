import type * as original from '../../../../services/conversation/src/message/message.store.ts';

export * from '../../../../services/conversation/src/message/message.store.ts';

/** Erases no messages. */
export const eraseMessages: typeof original.eraseMessages = async () => 0;
