/** The languages that the starter pack is written in. */
export const starterLocales = ['en', 'zh-CN', 'de', 'es', 'fr', 'id', 'it', 'ja', 'nl', 'pt-BR', 'th', 'vi'] as const;

/** A template as `upsertTemplate` takes it, with its texts by language. */
export interface StarterTemplate {
  readonly key: string;
  readonly name: string;
  readonly situation: string;
  readonly variables: Readonly<Record<string, 'TEXT' | 'NUMBER' | 'DATE' | 'MONEY'>>;
  readonly texts: Readonly<Record<(typeof starterLocales)[number], string>>;
}
