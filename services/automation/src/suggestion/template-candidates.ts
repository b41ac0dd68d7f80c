import { alike, weighed } from '../knowledge/alike.ts';
import type { FoundIntent } from '../analysis/understanding.domain.ts';
import type { Recipient } from '../recipient/recipient.domain.ts';
import { render, type Template } from '../template/template.domain.ts';
import { type Candidate, reasonsFor } from './suggestion.domain.ts';

/** A template that would answer, but has no text for this buyer or lacks values. */
export interface Unfilled {
  readonly template: Template;
  readonly outcome: ReturnType<typeof render>['attempts'][number]['outcome'];
  readonly variables: readonly string[];
}

interface Occasion {
  readonly text: string;
  readonly intents: readonly FoundIntent[];
  readonly known: { readonly recipient: Recipient; readonly values: ReadonlyMap<string, string> };
  readonly order: { readonly state: string } | null;
  readonly templates: readonly Template[];
  readonly answered: readonly { readonly sourceId: string; readonly text: string }[];
}

/** The templates that may answer, with their words for this buyer. */
export function templateCandidates(occasion: Occasion): {
  readonly filled: readonly Candidate[];
  readonly unfilled: readonly Unfilled[];
} {
  const past = likenesses(occasion);
  const filled: Candidate[] = [];
  const unfilled: Unfilled[] = [];
  for (const template of occasion.templates) {
    const orderState = occasion.order?.state ?? null;
    const reasons = reasonsFor(template.situation, occasion.intents, { past: past(template.id), orderState });
    if (reasons.length === 0) continue;
    const { best, attempts } = render(template, occasion.known.recipient, occasion.known.values);
    if (best === null) {
      const attempt = attempts.find(({ variables }) => variables.length > 0) ?? attempts[0];
      if (attempt !== undefined) unfilled.push({ template, ...attempt });
    } else {
      const source = { kind: 'template', id: template.id, version: null } as const;
      filled.push({ source, locale: best.variant.locale, text: best.text, reasons });
    }
  }
  return { filled, unfilled };
}

/** How like the message is to those that were answered from a source before. */
export function likenesses({ text, answered }: Pick<Occasion, 'text' | 'answered'>): (sourceId: string) => number {
  const message = weighed(text);
  const best = new Map<string, number>();
  for (const one of answered) {
    const share = alike(message, weighed(one.text));
    if (share > (best.get(one.sourceId) ?? 0)) best.set(one.sourceId, share);
  }
  return (sourceId) => best.get(sourceId) ?? 0;
}
