declare const brand: unique symbol;
export type ReprocessingId = string & { readonly [brand]: 'ReprocessingId' };

export type ReprocessingState = 'running' | 'done' | 'failed';
