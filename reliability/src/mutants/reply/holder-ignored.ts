import type * as original from '../../../../services/automation/src/turn/turn.domain.ts';

export * from '../../../../services/automation/src/turn/turn.domain.ts';

/** Thinks that nobody has the conversation. */
export const holderOf: typeof original.holderOf = () => 'bot';
