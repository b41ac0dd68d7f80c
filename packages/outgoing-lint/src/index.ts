export type { KnownFacts, KnownOrder } from './claims/claim-hits.ts';
export { knownOrder, orderNumbersIn } from './claims/known-order.ts';
export { type Finding, type LintRule, lintRules, type PlatformRule, platformRules, type Severity } from './finding.ts';
export { lint, type LintContext, stopsIn } from './lint.ts';
export { packOf, packs, packVersion } from './platform/packs.ts';
export { ruleMessages } from './rule-messages.ts';
