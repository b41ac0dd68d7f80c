export { type AutomationOptions, type AutomationService, openAutomation } from './app.ts';
export { understand } from './analysis/understand.ts';
export { checkRules } from './rule/check-rules.domain.ts';
export { evaluate } from './rule/evaluate.domain.ts';
export type { RuleVersion } from './rule/rule.domain.ts';
export { createIndexBuilder, noKnowledge } from './knowledge/retrieval/knowledge-index.ts';
export { search } from './knowledge/retrieval/search.ts';
