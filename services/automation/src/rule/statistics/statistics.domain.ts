import type { RuleId } from '@crossdesk/contracts';

export interface CodeCount {
  readonly code: string;
  readonly count: number;
}

export interface RuleDay {
  /** Of UTC, for instance 2026-03-02. */
  readonly day: string;
  readonly acted: number;
  readonly limited: number;
  readonly refused: number;
}

/** What a rule did in a time. */
export interface RuleStatistics {
  readonly evaluated: number;
  readonly acted: number;
  readonly wouldHaveActed: number;
  readonly limited: number;
  readonly undecided: readonly CodeCount[];
  readonly refused: readonly CodeCount[];
  readonly replies: number;
  readonly writtenAgain: number;
  readonly escalated: number;
  readonly lastActedAt: Date | null;
  readonly days: readonly RuleDay[];
}

export interface ActCount {
  readonly rule_id: RuleId;
  readonly day: string;
  readonly acted: number;
  readonly would_act: number;
  readonly last_at: Date;
}

export interface DayCount {
  readonly rule_id: RuleId;
  readonly day: string;
  /** Null: it has none. */
  readonly code: string | null;
  readonly count: number;
}

export interface Afterwards {
  readonly rule_id: RuleId;
  readonly replies: number;
  readonly written_again: number;
  readonly escalated: number;
}

export interface Counts {
  readonly evaluated: readonly { readonly rule_id: RuleId; readonly count: number }[];
  readonly acts: readonly ActCount[];
  readonly limited: readonly DayCount[];
  readonly undecided: readonly DayCount[];
  readonly refused: readonly DayCount[];
  readonly afterwards: readonly Afterwards[];
}

export function statisticsOf(ruleId: RuleId, counts: Counts): RuleStatistics {
  const own = <Row extends { readonly rule_id: RuleId }>(rows: readonly Row[]) =>
    rows.filter((row) => row.rule_id === ruleId);
  const [acts, limited, undecided, refused] = [
    own(counts.acts),
    own(counts.limited),
    own(counts.undecided),
    own(counts.refused),
  ];
  const [after] = own(counts.afterwards);
  return {
    evaluated: sum(own(counts.evaluated), ({ count }) => count),
    acted: sum(acts, (row) => row.acted),
    wouldHaveActed: sum(acts, (row) => row.would_act),
    limited: sum(limited, (row) => row.count),
    undecided: byCode(undecided),
    refused: byCode(refused),
    replies: after?.replies ?? 0,
    writtenAgain: after?.written_again ?? 0,
    escalated: after?.escalated ?? 0,
    lastActedAt: acts.reduce<Date | null>((last, { last_at: at }) => (last !== null && last > at ? last : at), null),
    days: daysOf(acts, limited, refused),
  };
}

function sum<Row>(rows: readonly Row[], countOf: (row: Row) => number): number {
  return rows.reduce((total, row) => total + countOf(row), 0);
}

/** The most frequent first. */
function byCode(rows: readonly DayCount[]): CodeCount[] {
  const codes = Map.groupBy(rows, ({ code }) => code ?? 'UNKNOWN');
  return [...codes]
    .map(([code, of]) => ({ code, count: sum(of, ({ count }) => count) }))
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

function daysOf(acts: readonly ActCount[], limited: readonly DayCount[], refused: readonly DayCount[]): RuleDay[] {
  const on = (day: string, rows: readonly DayCount[]) =>
    sum(
      rows.filter((row) => row.day === day),
      ({ count }) => count,
    );
  const days = new Set([...acts, ...limited, ...refused].map(({ day }) => day));
  return [...days].toSorted().map((day) => ({
    day,
    acted: sum(
      acts.filter((row) => row.day === day),
      (row) => row.acted,
    ),
    limited: on(day, limited),
    refused: on(day, refused),
  }));
}
