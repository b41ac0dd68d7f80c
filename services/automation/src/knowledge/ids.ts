declare const brand: unique symbol;

export type GapId = string & { readonly [brand]: 'GapId' };
export type GapQuestionId = string & { readonly [brand]: 'GapQuestionId' };
