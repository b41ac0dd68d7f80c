declare const brand: unique symbol;

export type TranslationProviderId = string & { readonly [brand]: 'TranslationProviderId' };
export type GlossaryTermId = string & { readonly [brand]: 'GlossaryTermId' };
export type TmUnitId = string & { readonly [brand]: 'TmUnitId' };
export type TranslationDraftId = string & { readonly [brand]: 'TranslationDraftId' };
