import { type FileKind, fileKinds, type FileLimits, fromChannelName, toChannelName } from '@crossdesk/channels';
import { isUuid } from '@crossdesk/contracts';
import { countResolvers, inputId, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type { ChannelAdapter } from '@crossdesk/channels/adapters';
import type { Resolvers, ResolversTypes } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { ChannelAppId } from '../ids.ts';
import { connectAccount, disableAccount, revokeAccess, syncAccount } from './account.commands.ts';
import { accountPage } from './account-page.ts';
import type { AccountRow } from './account.store.ts';
import { problemOf } from './refusal-notes.ts';
import { openAccount, webhookUrlOf } from './account-secrets.ts';

export const accountResolvers: Resolvers = {
  Query: {
    channelAccounts: (_root, args, { request, deps }) => accountPage(deps, signedIn(request).tenantId, null, args),
    channelAccount: async (_root, { id }, context) => {
      signedIn(context.request);
      return isUuid(id) ? context.accounts.load(id) : null;
    },
    channelCapabilities: (_root, { channel }, { request, deps }) => {
      signedIn(request);
      const wanted = channel === null || channel === undefined ? null : fromChannelName(channel);
      return Object.values(deps.adapters)
        .filter((adapter) => wanted === null || adapter.record.channel === wanted)
        .map(describe);
    },
  },
  Mutation: {
    connectChannelAccount: async (_root, { input }, context) => {
      const { request, deps, directory } = context;
      signedInAs(request, 'admin');
      const wanted = {
        ...input,
        channel: fromChannelName(input.channel),
        appId: typeof input.appId === 'string' ? inputId<ChannelAppId>(input.appId) : null,
        country: input.country ?? null,
        apiBaseUrl: input.apiBaseUrl ?? null,
        authBaseUrl: input.authBaseUrl ?? null,
      };
      const outcome = await deps.runtime.commands.asked(request, 'connectChannelAccount', (call) =>
        connectAccount(deps, call, wanted),
      );
      if (!outcome.ok) return { account: null, webhookUrl: null, setupSteps: [], errors: [...outcome.errors] };
      directory.forget();
      const { value: account } = outcome;
      return {
        account,
        webhookUrl: addressOf(context, account),
        setupSteps: setupStepsOf(context, account),
        errors: [],
      };
    },
    disableChannelAccount: async (_root, { input }, context) => {
      const { request, deps, directory } = context;
      signedInAs(request, 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'disableChannelAccount', (call) =>
        disableAccount(deps, call, inputId(input.accountId)),
      );
      directory.forget();
      const url = outcome.ok ? await revocationUrl(context, outcome.value) : null;
      return { ...toPayload('account', outcome), revocationUrl: url };
    },
    syncChannelAccount: async (_root, { input }, { request, deps }) =>
      toPayload(
        'account',
        await deps.runtime.commands.asked(request, 'syncChannelAccount', (call) =>
          syncAccount(deps, call, inputId(input.accountId)),
        ),
      ),
  },
  ChannelAccountConnection: countResolvers,
  ChannelAccount: {
    __resolveReference: ({ id }, context) => {
      signedIn(context.request);
      return isUuid(id) ? context.accounts.load(id) : null;
    },
    channel: (row) => toChannelName(row.channel),
    displayName: (row) => row.display_name,
    externalAccountId: (row) => row.external_account_id,
    country: (row) => row.country,
    status: (row) => toEnum(row.status),
    statusReason: (row) => row.status_reason,
    webhookUrl: (row, _args, context) => (isAdmin(context) ? addressOf(context, row) : null),
    setupSteps: (row, _args, context) => (isAdmin(context) ? setupStepsOf(context, row) : []),
    lastWebhookAt: (row) => row.last_webhook_at,
    webhookProblem: async (row, _args, { refusals }) => problemOf(await refusals.load(row.id)),
    cursors: async (row, _args, context) =>
      (await context.cursors.load(row.id)).map((cursor) => ({
        kind: toEnum(cursor.kind),
        lastSucceededAt: cursor.last_succeeded_at,
        nextDueAt: cursor.next_due_at,
        lastError: cursor.last_error,
        position: cursor.cursor === '' ? null : cursor.cursor,
        lagSeconds: lagOf(cursor.last_succeeded_at, context.deps.runtime.clock.now()),
        missedCount: Number(cursor.missed_count),
        lastMissedAt: cursor.last_missed_at,
      })),
    connectedAt: (row) => row.connected_at,
  },
};

/** The account is stopped whatever the platform answers. The result only says where a person has to continue. */
async function revocationUrl({ deps }: GraphqlContext, account: AccountRow): Promise<string | null> {
  try {
    const revocation = await revokeAccess(deps, account);
    return revocation?.status === 'person' ? revocation.url : null;
  } catch (err) {
    deps.runtime.log.warn({ err, accountId: account.id }, 'access not revoked at the platform');
    return null;
  }
}

function lagOf(succeededAt: Date | null, now: Date): number | null {
  return succeededAt === null ? null : Math.max(0, Math.round((now.getTime() - succeededAt.getTime()) / 1_000));
}

function isAdmin({ request }: GraphqlContext): boolean {
  return signedIn(request).role === 'admin';
}

/** Null for a channel that pushes nothing. */
function addressOf({ deps }: GraphqlContext, row: AccountRow): string | null {
  return deps.adapters[row.channel].webhooks === null ? null : webhookUrlOf(deps, row);
}

function setupStepsOf({ deps }: GraphqlContext, row: AccountRow): string[] {
  const { webhookUrl, credentials } = openAccount(deps, row);
  return [...deps.adapters[row.channel].connection.setupSteps({ webhookUrl, credentials })];
}

function fileLimits(kind: FileKind, limits: FileLimits | undefined) {
  if (limits === undefined) return [];
  const { mimeTypes } = limits;
  return [{ ...limits, kind: toEnum(kind), mimeTypes: mimeTypes === null ? null : [...mimeTypes] }];
}

function describe({ record, connection, authorisation }: ChannelAdapter): ResolversTypes['ChannelCapabilities'] {
  const { capabilities } = record;
  return {
    channel: toChannelName(record.channel),
    title: record.title.en,
    titleZh: record.title.zh,
    credentialFields: connection.credentialFields.map((field) => ({ ...field, scope: toEnum(field.scope) })),
    isAuthorisedAtPlatform: authorisation !== null,
    defaultApiBaseUrl: connection.defaultBaseUrls.api,
    receives: capabilities.receives.map(toEnum),
    sends: capabilities.sends.map(toEnum),
    textCharactersMax: capabilities.textCharactersMax,
    files: fileKinds.flatMap((kind) => fileLimits(kind, capabilities.files[kind])),
    replyWindowHours: capabilities.replyWindowHours,
    sendsPerSecondMax: capabilities.sendsPerSecondMax,
    sendsPerDayMax: capabilities.sendsPerDayMax,
    reportsDelivered: capabilities.reportsDelivered,
    reportsRead: capabilities.reportsRead,
    effectClass: toEnum(capabilities.effectClass),
  };
}
