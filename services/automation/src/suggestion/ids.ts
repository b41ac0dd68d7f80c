declare const brand: unique symbol;

export type SuggestionId = string & { readonly [brand]: 'SuggestionId' };
