import type { RuleId } from '@crossdesk/contracts';
import type { Mode, RuleContent, RuleVersion } from './rule.domain.ts';

interface Draft {
  readonly id: RuleId;
  readonly content: RuleContent;
  readonly mode: Mode;
}

/** The rules with a draft in the place of the one with its id, or behind all. */
export function withDraft(present: readonly RuleVersion[], { id, content, mode }: Draft): RuleVersion[] {
  const draft: RuleVersion = { ...content, id, version: 0, mode };
  const at = present.findIndex((rule) => rule.id === id);
  return at === -1 ? [...present, draft] : present.with(at, draft);
}
