import * as original from '../../../../services/conversation/src/clock/clock.domain.ts';

export * from '../../../../services/conversation/src/clock/clock.domain.ts';

/** Forgets what a clock has told already. */
export const untold: typeof original.untold = (clock) => original.untold({ ...clock, told: [] });
