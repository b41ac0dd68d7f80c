import type { ChannelAccountId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { setStageNotice } from './stage-notice.commands.ts';
import { noticeStages } from '../order/stage.domain.ts';
import { listNotices } from './stage-notice.store.ts';

export const stageNoticeResolvers: Resolvers = {
  Query: {
    stageNotices: (_, { accountId }, { request, app: { runtime } }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const only = accountId == null ? null : inputId<ChannelAccountId>(accountId);
      return runtime.db.forTenant(tenantId, (trx) => listNotices(trx, tenantId, only));
    },
  },
  Mutation: {
    setStageNotice: async (_, { input }, { request, app: { runtime } }) => {
      signedInAs(request, 'admin');
      const { texts, isOn, expectedVersion } = input;
      const wish = { texts, isOn, expectedVersion, accountId: inputId<ChannelAccountId>(input.accountId) };
      const outcome = await runtime.commands.asked(request, 'setStageNotice', (call) =>
        setStageNotice(runtime, call, { ...wish, stage: fromEnum(noticeStages, input.stage) }),
      );
      return toPayload('notice', outcome);
    },
  },
  StageNotice: {
    account: ({ accountId: id }) => ({ id }),
    stage: ({ stage }) => toEnum(stage),
  },
};
