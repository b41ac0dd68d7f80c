import type { CustomerId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { recordConsent } from './consent.commands.ts';
import { type ConsentBasis, type ConsentState, purposes } from './consent.domain.ts';
import { readConsents } from './consent.store.ts';

const states: readonly ConsentState[] = ['granted', 'withdrawn'];
const bases: readonly ConsentBasis[] = ['opt-in', 'soft-opt-in', 'told-to-a-person', 'word-of-buyer'];

export const consentResolvers: Resolvers = {
  Mutation: {
    recordConsent: async (_, { input }, { request, app }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wish = {
        customerId: inputId<CustomerId>(input.customerId),
        purpose: fromEnum(purposes, input.purpose),
        state: fromEnum(states, input.state),
        basis: fromEnum(bases, input.basis),
        wording: input.wording ?? null,
        evidence: input.evidence ?? null,
      };
      const outcome = await app.runtime.commands.asked(request, 'recordConsent', (call) =>
        recordConsent({ clock: app.runtime.clock, suppressionKey: app.suppressionKey }, call, wish),
      );
      return toPayload('consent', outcome);
    },
  },
  Customer: {
    consents: ({ id }, _, { request, app: { runtime } }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => readConsents(trx, tenantId, id));
    },
  },
  Consent: {
    purpose: ({ purpose }) => toEnum(purpose),
    state: ({ state }) => toEnum(state),
    basis: ({ basis }) => toEnum(basis),
  },
};
