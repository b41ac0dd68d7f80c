import { newId } from '@crossdesk/contracts';
import { type AnyEventDraft, liftLimits, type Origin, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { CaseEntryKind, CaseFacts } from './case-entry.domain.ts';
import { insertEntry } from './case-entry.store.ts';
import type { Case } from './case.domain.ts';
import { saveCase } from './case.store.ts';

/** One step of a locked case. */
export interface CaseStep {
  /** Of its entry; a new one without it. */
  readonly id?: string;
  readonly before: Case;
  readonly after: Case;
  readonly kind: CaseEntryKind;
  /** What is told of the step besides the fields of the case. */
  readonly told?: { readonly before: CaseFacts; readonly after: CaseFacts };
  readonly text?: string;
  readonly events: readonly AnyEventDraft[];
}

/** Saves a step of a case with its entry and its events. Whoever hands a case over may not see it any more. */
export async function recordStep(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  { id, before, after, kind, told, text, events }: CaseStep,
  { actor }: Pick<Origin, 'actor'>,
): Promise<void> {
  await liftLimits(trx);
  await saveCase(trx, after);
  const changes = changedFacts(before, after);
  await insertEntry(trx, after, {
    id: id ?? newId(),
    kind,
    actor,
    before: { ...changes.before, ...told?.before },
    after: { ...changes.after, ...told?.after },
    text: text ?? null,
    at: clock.now(),
  });
  await outbox.append(trx, events);
}

/** The facts by which people decide what to do. */
export function factsOf(one: Case): CaseFacts {
  return {
    title: one.title,
    state: one.state,
    cycle: String(one.cycle),
    priority: one.priority,
    owner: one.ownerId,
    team: one.teamId,
    due: one.due.at.toISOString(),
  };
}

function changedFacts(before: Case, after: Case): { readonly before: CaseFacts; readonly after: CaseFacts } {
  const [was, is] = [factsOf(before), factsOf(after)];
  const names = ['title', 'state', 'cycle', 'priority', 'owner', 'team', 'due'] as const;
  const changed = names.filter((name) => was[name] !== is[name]);
  const only = (facts: CaseFacts): CaseFacts => Object.fromEntries(changed.map((name) => [name, facts[name] ?? null]));
  return { before: only(was), after: only(is) };
}
