export { checkPattern, type PatternProblem } from './check-pattern.ts';
export { renderBest, type Attempt, type Rendered } from './render-best.ts';
export { canonicalLocale } from './locale.ts';
export { readValues, renderPattern } from './render-pattern.ts';
export { readValue, type Variable, type VariableType, variableTypes } from './variable.ts';
