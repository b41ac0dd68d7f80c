import { type ChannelAccountId, isUuid, newId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeNamePlace,
  encodeNamePlace,
  fromEnum,
  inputId,
  monotonicMs,
  pageSize,
  refuse,
  signedInAs,
  toEnum,
  toPayload,
  unchanged,
  withPresent,
} from '@crossdesk/service-kit';
import type { Resolvers, SaveWebhookEndpointInput } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { callReceiver } from './call-receiver.ts';
import { addEndpoint, changeEndpoint, removeEndpoint, replay, rotateSecret } from './endpoint.commands.ts';
import { stateOf } from './endpoint.domain.ts';
import { secretOf } from './endpoint.secrets.ts';
import { countEndpoints, type EndpointRow, findEndpoint, listEndpoints } from './endpoint.store.ts';
import { countDeliveries, listDeliveries } from './webhook-delivery.store.ts';

const deliveryStates = ['pending', 'delivered', 'dead'] as const;

export const webhookEndpointResolvers: Resolvers = {
  Query: {
    webhookEndpoints: async (_root, args, { request, deps }) => {
      const { tenantId } = signedInAs(request, 'admin');
      const { db } = deps.runtime;
      const first = pageSize(args.first);
      const place = { first, after: decodeNamePlace(args.after) };
      const rows = await db.forTenant(tenantId, (trx) => listEndpoints(trx, tenantId, place));
      const cursorOf = ({ description: name, id }: EndpointRow) => encodeNamePlace({ name, id });
      const page = connectionOf(rows, { first, after: args.after }, cursorOf, (row) => row);
      return counted(page, () => db.forTenant(tenantId, (trx) => countEndpoints(trx, tenantId)));
    },
    webhookEndpoint: (_root, { id }, context) => {
      signedInAs(context.request, 'admin');
      return isUuid(id) ? present(context, id) : null;
    },
  },
  Mutation: {
    saveWebhookEndpoint: async (_root, { input }, context) => {
      signedInAs(context.request, 'admin');
      return typeof input.endpointId === 'string' ? overwrite(context, input, input.endpointId) : add(context, input);
    },
    rotateWebhookSecret: async (_root, { input }, { request, deps }) => {
      signedInAs(request, 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'rotateWebhookSecret', (call) =>
        rotateSecret(deps, call, inputId(input.endpointId)),
      );
      return {
        ...toPayload('endpoint', outcome),
        secret: outcome.ok ? secretOf(deps.sealingKey, outcome.value) : null,
      };
    },
    deleteWebhookEndpoint: async (_root, { input }, { request, deps }) => {
      signedInAs(request, 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'deleteWebhookEndpoint', (call) =>
        removeEndpoint(deps, call, inputId(input.endpointId)),
      );
      return toPayload('endpoint', outcome);
    },
    testWebhookEndpoint: async (_root, { input }, context) => {
      signedInAs(context.request, 'admin');
      return tryOut(context, inputId(input.endpointId));
    },
    replayWebhooks: async (_root, { input: { endpointId, from, to } }, { request, deps }) => {
      signedInAs(request, 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'replayWebhooks', (call) =>
        replay(deps, call, { endpointId: inputId(endpointId), from, to }),
      );
      if (!outcome.ok) return { endpoint: null, eventCount: 0, continuesFrom: null, errors: [...outcome.errors] };
      return { ...outcome.value, errors: [] };
    },
  },
  WebhookEndpointConnection: countResolvers,
  WebhookEndpoint: {
    eventTypes: (row) => [...row.event_types],
    accounts: async (row, _args, { accounts }) => {
      const found = await Promise.all(row.account_ids.map((id) => accounts.load(id)));
      return found.filter((account) => account !== null);
    },
    state: (row) => toEnum(stateOf(row)),
    stateReason: (row) => row.disabled_reason,
    failuresInRow: (row) => row.failures_in_row,
    probeAt: (row) => row.probe_at,
    previousSecretUntil: (row, _args, { deps }) => {
      const until = row.previous_secret_until;
      return until !== null && until > deps.runtime.clock.now() ? until : null;
    },
    createdAt: (row) => row.created_at,
    deliveries: async (row, args, { deps }) => {
      const { db } = deps.runtime;
      const first = pageSize(args.first);
      const states = args.states?.map((state) => fromEnum(deliveryStates, state)) ?? null;
      const wanted = { states, first, afterEventId: decodeNamePlace(args.after)?.id ?? null };
      const rows = await db.forTenant(row.tenant_id, (trx) => listDeliveries(trx, row, wanted));
      const cursorOf = ({ event_id: id }: { event_id: string }) => encodeNamePlace({ name: '', id });
      const page = connectionOf(rows, { first, after: args.after }, cursorOf, (found) => found);
      return counted(page, () => db.forTenant(row.tenant_id, (trx) => countDeliveries(trx, row, states)));
    },
  },
  WebhookDeliveryConnection: countResolvers,
  WebhookDelivery: {
    eventId: (row) => row.event_id,
    eventType: (row) => row.type,
    state: (row) => toEnum(row.state),
    attemptCount: (row) => row.attempts,
    lastAttemptAt: (row) => row.last_attempt_at,
    lastStatus: (row) => row.last_status,
    lastError: (row) => row.last_error,
    nextAttemptAt: (row) => row.due_at,
    pendingSince: (row) => row.pending_since,
    settledAt: (row) => row.settled_at,
  },
};

function present({ request, deps }: GraphqlContext, id: string): Promise<EndpointRow | null> {
  const { tenantId } = signedInAs(request, 'admin');
  return deps.runtime.db.forTenant(tenantId, (trx) => findEndpoint(trx, tenantId, id));
}

function contentOf({ url, description, eventTypes, accountIds, isEnabled }: SaveWebhookEndpointInput) {
  const accounts = (accountIds ?? []).map((id) => inputId<ChannelAccountId>(id));
  return { url, description, eventTypes, accountIds: accounts, isEnabled: isEnabled ?? true };
}

async function add({ request, deps }: GraphqlContext, input: SaveWebhookEndpointInput) {
  const wish = { ...contentOf(input), clientMutationId: input.clientMutationId ?? '' };
  const outcome = await deps.runtime.commands.asked(request, 'saveWebhookEndpoint', (call) =>
    addEndpoint(deps, call, wish),
  );
  const isNew = outcome.ok && outcome.did !== null;
  return { ...toPayload('endpoint', outcome), secret: isNew ? secretOf(deps.sealingKey, outcome.value) : null };
}

async function overwrite(context: GraphqlContext, input: SaveWebhookEndpointInput, id: string) {
  const { request, deps } = context;
  const endpointId = inputId(id);
  const { expectedVersion } = input;
  const outcome =
    typeof expectedVersion === 'number'
      ? await deps.runtime.commands.asked(request, 'saveWebhookEndpoint', (call) =>
          changeEndpoint(deps, call, { ...contentOf(input), endpointId, expectedVersion }),
        )
      : refuse('INVALID_INPUT', 'expectedVersion', 'expectedVersion is missing: take version of the address.');
  return { ...toPayload('endpoint', await withPresent(outcome, () => present(context, endpointId))), secret: null };
}

/** Asks the receiver now, outside of any transaction. */
async function tryOut(context: GraphqlContext, endpointId: string) {
  const { request, deps } = context;
  const endpoint = await present(context, endpointId);
  if (endpoint === null) {
    const refusal = refuse('NOT_FOUND', 'endpointId', 'There is no such address: take the id from webhookEndpoints.');
    return { endpoint, status: null, problem: null, durationMs: null, errors: [...refusal.errors] };
  }
  await deps.runtime.commands.asked(request, 'testWebhookEndpoint', async () => ({
    ...unchanged(null),
    did: endpointId,
  }));
  const letter = { id: newId(), type: 'webhook.test', body: '' };
  const occurredAt = deps.runtime.clock.now().toISOString();
  const body = JSON.stringify({
    id: letter.id,
    type: letter.type,
    tenantId: endpoint.tenant_id,
    occurredAt,
    data: { endpointId },
  });
  const startedAt = monotonicMs();
  const { status, error: problem } = await callReceiver(deps, endpoint, { ...letter, body });
  return { endpoint, status, problem, durationMs: Math.round(monotonicMs() - startedAt), errors: [] };
}
