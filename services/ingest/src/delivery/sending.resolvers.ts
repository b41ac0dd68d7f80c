import { isUuid } from '@crossdesk/contracts';
import { inputId, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type { AccountRow } from '../account/account.store.ts';
import type { Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { countQueued } from './send-pause.store.ts';
import { setStoreHoliday } from './sending.commands.ts';
import { adviceOf, sendingOf } from './sending.domain.ts';

export const sendingResolvers: Resolvers = {
  Mutation: {
    setStoreHoliday: async (_root, { input }, { request, deps }) => {
      signedInAs(request, 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'setStoreHoliday', (call) =>
        setStoreHoliday(deps, call, inputId(input.accountId), input.until ?? null),
      );
      return toPayload('account', outcome);
    },
  },
  ChannelAccount: {
    sending: async (row, _args, context) => {
      const { tenantId } = signedIn(context.request);
      const { db } = context.deps.runtime;
      const waitingCount = await db.forTenant(tenantId, (trx) => countQueued(trx, tenantId, row.id));
      const sending = await stateOf(row, context);
      if (sending.state === 'open') return { ...nothing, state: toEnum('open'), waitingCount };
      const reason = sending.state === 'stopped' ? 'disabled' : sending.reason;
      const { en: whatToDo, zh: whatToDoZh } = adviceOf[reason];
      const until = sending.state === 'stopped' ? null : sending.until;
      const { state, detail } = sending;
      return { state: toEnum(state), reason: toEnum(reason), detail, until, whatToDo, whatToDoZh, waitingCount };
    },
  },
  Message: {
    waiting: async ({ id }, _args, context) => {
      signedIn(context.request);
      const accountId = isUuid(id) ? await context.queuedFor.load(id) : null;
      const account = accountId === null ? null : await context.accounts.load(accountId);
      const sending = account === null ? null : await stateOf(account, context);
      if (sending?.state !== 'paused') return null;
      const { reason, until } = sending;
      const { en: whatToDo, zh: whatToDoZh } = adviceOf[reason];
      return { reason: toEnum(reason), until, whatToDo, whatToDoZh };
    },
  },
};

const nothing = { reason: null, detail: null, until: null, whatToDo: null, whatToDoZh: null };

async function stateOf(row: AccountRow, { pauses, deps }: GraphqlContext) {
  return sendingOf(row, await pauses.load(row.id), deps.runtime.clock.now());
}
