export const skillKinds = ['language', 'market', 'topic'] as const;
export type SkillKind = (typeof skillKinds)[number];

/** What somebody can do, or must be able to do; 1 is a beginner, 5 a native. */
export interface Skill {
  readonly kind: SkillKind;
  /** In lower case: a language as BCP 47, a market as ISO 3166-1, or a word of the workspace. */
  readonly value: string;
  readonly level: number;
}
