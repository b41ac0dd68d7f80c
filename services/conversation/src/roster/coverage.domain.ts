import type { OpenSpan } from '@crossdesk/business-time';
import type { AgentId } from '@crossdesk/contracts';

/** How many people who speak a language work in an hour: the fewest at any time of it. */
export interface CoveredHour {
  readonly startsAt: Date;
  /** Null: whatever they speak. */
  readonly language: string | null;
  readonly agents: number;
}

type Working = OpenSpan & { readonly agentId: AgentId };
const hourMs = 3_600_000;

/** The coverage of every hour by all and by those who speak each language. */
export function coverageOf(
  shifts: readonly Working[],
  speakers: ReadonlyMap<string, ReadonlySet<AgentId>>,
  { from, hours }: { readonly from: Date; readonly hours: number },
): CoveredHour[] {
  const first = Math.floor(from.getTime() / hourMs) * hourMs;
  const groups: (readonly [string | null, readonly Working[]])[] = [
    [null, shifts],
    ...[...speakers].map(
      ([language, agents]) => [language, shifts.filter(({ agentId }) => agents.has(agentId))] as const,
    ),
  ];
  return Array.from({ length: hours }, (_, index) => first + index * hourMs).flatMap((start) =>
    groups.map(([language, working]) => ({
      startsAt: new Date(start),
      language,
      agents: fewest(
        working.filter(({ startsAt, endsAt }) => startsAt.getTime() < start + hourMs && endsAt.getTime() > start),
        start,
      ),
    })),
  );
}

/** People become fewer only when a shift ends: it is enough to look then, and at the beginning. */
function fewest(working: readonly Working[], start: number): number {
  const ends = working.map(({ endsAt }) => endsAt.getTime()).filter((end) => end < start + hourMs);
  const counts = [start, ...ends].map(
    (at) =>
      new Set(
        working
          .filter(({ startsAt, endsAt }) => startsAt.getTime() <= at && at < endsAt.getTime())
          .map(({ agentId }) => agentId),
      ).size,
  );
  return Math.min(...counts);
}
