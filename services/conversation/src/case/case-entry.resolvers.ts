import { type AgentId, parseId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  type Loaders,
  pageSize,
  toEnum,
} from '@crossdesk/service-kit';
import { timelineActorOf } from '../activity/timeline.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import type { DB } from '../db.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { type CaseFactName, caseFactNames, type ChangedCaseFact } from './case-entry.domain.ts';
import { entryCounts, entryPages } from './case-entry.store.ts';

export const caseEntryResolvers: graphql.Resolvers<GraphqlContext> = {
  Case: {
    timeline: async ({ id }, args, { loaders }) => {
      const first = pageSize(args.first);
      const page = { first, after: decodeKeyset(args.after)?.id ?? null };
      const found = (await loaders.load(entryPages, id, page)) ?? [];
      const shown = connectionOf(
        found,
        { first, after: args.after },
        ({ at, id: entryId }) => encodeKeyset({ at, id: entryId }),
        (entry) => entry,
      );
      return counted(shown, async () => (await loaders.load(entryCounts, id)) ?? 0);
    },
  },
  CaseEntryConnection: countResolvers,
  CaseEntry: {
    kind: ({ kind }) => toEnum(kind),
    actor: ({ actor }) => timelineActorOf(actor),
    changes: ({ before, after }) =>
      caseFactNames
        .filter((field) => field in before || field in after)
        .map((field): ChangedCaseFact => ({ field, before: before[field] ?? null, after: after[field] ?? null })),
  },
  CaseFactChange: {
    field: ({ field }) => toEnum(field),
    before: ({ field, before }) => shownValue(field, before),
    after: ({ field, after }) => shownValue(field, after),
    beforeAgent: ({ field, before }, _, { loaders }) => (isAgent(field) ? agentOf(before, loaders) : null),
    afterAgent: ({ field, after }, _, { loaders }) => (isAgent(field) ? agentOf(after, loaders) : null),
  },
};

/** Facts whose values are words of the API. */
const words: readonly CaseFactName[] = ['type', 'state', 'priority', 'reason'];

function shownValue(field: CaseFactName, value: string | null): string | null {
  return value !== null && words.includes(field) ? toEnum(value) : value;
}

function isAgent(field: CaseFactName): boolean {
  return field === 'owner' || field === 'watcher';
}

function agentOf(text: string | null, loaders: Loaders<DB>) {
  const id = text === null ? null : parseId<AgentId>(text);
  return id === null ? null : loaders.load(agentsByIds, id);
}
