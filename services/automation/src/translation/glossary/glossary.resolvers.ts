import {
  connectionOf,
  counted,
  countResolvers,
  decodeNamePlace,
  encodeNamePlace,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import { canonicalLocale } from '@crossdesk/message-template';
import type * as graphql from '../../graphql.generated.ts';
import type { GlossaryTermId } from '../ids.ts';
import { readTerm, removeTerm, upsertTerm } from './glossary.commands.ts';
import { countTerms, listTerms, lockTerm } from './glossary.store.ts';

export const glossaryResolvers: graphql.Resolvers = {
  Query: {
    glossaryTerms: async (_, args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const filter = {
        sourceLocale: localeIn(args.filter?.sourceLocale),
        targetLocale: localeIn(args.filter?.targetLocale),
      };
      const first = pageSize(args.first);
      const wanted = { filter, first, after: decodeNamePlace(args.after) };
      const found = await runtime.db.forTenant(tenantId, (trx) => listTerms(trx, tenantId, wanted));
      const placeOf = ({ source: name, id }: (typeof found)[number]) => encodeNamePlace({ name, id });
      const page = connectionOf(found, { first, after: args.after }, placeOf, (term) => term);
      return counted(page, () => runtime.db.forTenant(tenantId, (trx) => countTerms(trx, tenantId, filter)));
    },
  },
  Mutation: {
    upsertGlossaryTerm: async (_, { input }, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const { sourceLocale, targetLocale, source, target, isCaseSensitive, expectedVersion } = input;
      const content = readTerm({
        ...{ sourceLocale, targetLocale, source },
        target: target ?? null,
        isCaseSensitive: isCaseSensitive ?? false,
      });
      if (!content.ok) return toPayload('term', { ...content, present: null });
      const wanted = { content: content.value, expectedVersion: expectedVersion ?? null };
      const outcome = await runtime.commands.asked(request, 'upsertGlossaryTerm', (call) =>
        upsertTerm(runtime, call, wanted),
      );
      const read = async () =>
        (await runtime.db.forTenant(tenantId, (trx) => lockTerm(trx, tenantId, content.value))).present;
      return toPayload('term', await withPresent(outcome, read));
    },
    deleteGlossaryTerm: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const id = inputId<GlossaryTermId>(input.termId);
      const outcome = await runtime.commands.asked(request, 'deleteGlossaryTerm', (call) => removeTerm(call, id));
      return toPayload('term', outcome);
    },
  },
  GlossaryTermConnection: countResolvers,
  GlossaryTerm: {
    sourceLocale: (row) => row.source_locale,
    targetLocale: (row) => row.target_locale,
    isCaseSensitive: (row) => row.is_case_sensitive,
    updatedAt: (row) => row.updated_at,
  },
};

/** A language as terms have it; what is none is in no term. */
function localeIn(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : (canonicalLocale(text) ?? text);
}
