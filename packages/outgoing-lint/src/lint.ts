import { claimHits, type KnownFacts } from './claims/claim-hits.ts';
import { claimRules, type Finding, type Hit, type LintRule, type Severity } from './finding.ts';
import { type Pack, type PackRule } from './platform/pack.ts';
import { packOf } from './platform/packs.ts';
import { platformHits } from './platform/platform-hits.ts';
import { ruleMessages } from './rule-messages.ts';
import { clauseAt, sentencesOf } from './text/sentences.ts';
import { toneHits } from './tone/tone-hits.ts';

/** Everything that is known of a message to a buyer before it is sent. Null: it is not known, and nothing is claimed. */
export interface LintContext {
  /** The name of the channel. */
  readonly channel: string;
  /** The language of the text, BCP 47; without it the tone is not judged. */
  readonly language: string | null;
  readonly mood: 'calm' | 'tense' | 'angry' | null;
  /** ISO 3166-1: where a phone number without a prefix would be called. */
  readonly market: string | null;
  readonly facts: KnownFacts;
  /** Rules of the platform that the workspace lets pass with a warning. */
  readonly lowered: readonly LintRule[];
}

/** What is wrong with a message to a buyer, in the order of the text. */
export function lint(text: string, context: LintContext): Finding[] {
  const pack = packOf(context.channel);
  const sentences = sentencesOf(text);
  const { market, language, facts } = context;
  const ids = facts.order === null ? [] : [facts.order.number, ...facts.order.trackingNumbers];
  const hits: readonly Hit[] = [
    ...(pack === null ? [] : platformHits(text, sentences, pack, { market, language, ids })),
    ...claimHits(text, sentences, facts),
    ...toneHits(text, sentences, context),
  ];
  return unique(hits)
    .map((hit) => ({
      ...hit,
      severity: severityOf(hit.rule, pack, context.lowered),
      clause: clauseAt(sentences, hit),
      message: ruleMessages[hit.rule],
    }))
    .toSorted((one, other) => one.start - other.start || one.end - other.end);
}

/** What a message may not be sent with. */
export function stopsIn(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity === 'stop');
}

function severityOf(rule: LintRule, pack: Pack | null, lowered: readonly LintRule[]): Severity {
  const rules: Readonly<Partial<Record<LintRule, PackRule>>> = pack?.rules ?? {};
  const ownRule = rules[rule];
  if (ownRule !== undefined) return lowered.includes(rule) ? 'warn' : ownRule.severity;
  return claimRules.some((claim) => claim === rule) ? 'stop' : 'warn';
}

/** One hit for each rule and place; one inside of another of its rule says nothing more. */
function unique(hits: readonly Hit[]): Hit[] {
  return hits.filter((hit, n) => {
    const isInside = (other: Hit, m: number) =>
      other.rule === hit.rule &&
      other.start <= hit.start &&
      other.end >= hit.end &&
      (other.end - other.start > hit.end - hit.start || m < n);
    return !hits.some((other, m) => m !== n && isInside(other, m));
  });
}
