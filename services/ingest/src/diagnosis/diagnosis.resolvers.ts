import { isUuid } from '@crossdesk/contracts';
import { signedInAs, toEnum } from '@crossdesk/service-kit';
import { createPlatformAccess } from '../account/platform-access.ts';
import type { Resolvers } from '../graphql.generated.ts';
import { diagnose } from './diagnosis.domain.ts';
import { hasThreads, sendsWaitUntil } from './diagnosis.store.ts';
import { probePlatform, type Probed } from './probe.ts';

const notAsked: Probed = { probe: { result: 'not-made' }, clockAheadMs: null };

export const diagnosisResolvers: Resolvers = {
  Query: {
    diagnoseChannelAccount: async (_root, { id }, { request, deps, directory, accounts, cursors, refusals }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const row = isUuid(id) ? await accounts.load(id) : null;
      if (row === null) return null;
      const { db, clock } = deps.runtime;
      const rows = await cursors.load(row.id);
      // A call to the platform would only repeat what is known.
      const isUsable = row.status === 'connected';
      const access = createPlatformAccess(deps, directory);
      const { probe, clockAheadMs } = isUsable ? await probePlatform(deps, access, row, rows) : notAsked;
      const [waits, hasMessages] = await db.forTenant(tenantId, async (trx) => [
        await sendsWaitUntil(trx, tenantId, row.id),
        await hasThreads(trx, tenantId, row.id),
      ]);
      const now = clock.now();
      const findings = diagnose({
        now,
        status: row.status,
        statusReason: row.status_reason,
        probe,
        clockAheadMs,
        refusal: await refusals.load(row.app_id ?? row.id),
        cursors: rows,
        lastWebhookAt: row.last_webhook_at,
        hasMessages,
        sendsWaitUntil: waits,
      });
      return { account: row, checkedAt: now, findings };
    },
  },
  ChannelFinding: { cause: ({ cause }) => toEnum(cause) },
};
