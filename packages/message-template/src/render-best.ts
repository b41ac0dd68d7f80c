import { type Misfit, rankVariants, type Recipient, type VariantKey } from './rank-variants.ts';
import { readValues, renderPattern } from './render-pattern.ts';
import type { Variable } from './variable.ts';

/** What became of a variant. LESS_FITTING: a better one was rendered. */
export interface Attempt<Variant> {
  readonly variant: Variant;
  readonly outcome: Misfit | 'MISSING_VALUE' | 'MALFORMED_VALUE' | 'RENDERED' | 'LESS_FITTING';
  /** The variables without a value, or with a malformed one. */
  readonly variables: readonly string[];
}

export interface Rendered<Variant> {
  /** Null if no variant fits and has all its values. */
  readonly best: { readonly variant: Variant; readonly text: string } | null;
  /** Every variant once: those that fit, the best one first, then the others. */
  readonly attempts: readonly Attempt<Variant>[];
}

interface Template<Variant> {
  readonly variables: readonly Variable[];
  readonly variants: readonly Variant[];
}

/** Renders the best variant for a recipient whose variables all have a value; values are by the names of variables. */
export function renderBest<Variant extends VariantKey & { readonly text: string }>(
  { variables, variants }: Template<Variant>,
  recipient: Recipient,
  values: ReadonlyMap<string, string>,
): Rendered<Variant> {
  const { fitting, others } = rankVariants(variants, recipient);
  const read = readValues(variables, values);
  const attempts: Attempt<Variant>[] = [];
  let best: Rendered<Variant>['best'] = null;
  for (const variant of fitting) {
    if (best !== null) {
      attempts.push({ variant, outcome: 'LESS_FITTING', variables: [] });
      continue;
    }
    const rendered = renderPattern(variant.text, variant.locale, variables, read);
    if (rendered.ok) best = { variant, text: rendered.text };
    attempts.push(attemptOf(variant, rendered));
  }
  const unfit = others.map(({ variant, misfit }) => ({ variant, outcome: misfit, variables: [] }));
  return { best, attempts: [...attempts, ...unfit] };
}

function attemptOf<Variant>(variant: Variant, rendered: ReturnType<typeof renderPattern>): Attempt<Variant> {
  if (rendered.ok) return { variant, outcome: 'RENDERED', variables: [] };
  const { missing, malformed } = rendered;
  return missing.length > 0
    ? { variant, outcome: 'MISSING_VALUE', variables: missing }
    : { variant, outcome: 'MALFORMED_VALUE', variables: malformed };
}
