import { newId, type TenantId, type WebhookEndpointId } from '@crossdesk/contracts';
import {
  accept,
  changed,
  type CommandCall,
  makeOnce,
  type Outcome,
  refuse,
  refuseLimited,
} from '@crossdesk/service-kit';
import type { DB, Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { checkEndpoint, type EndpointInput, endpointsMax } from './endpoint.domain.ts';
import { endpointChanged, endpointDeleted } from './endpoint.events.ts';
import { newSecret, sealPreviousSecret, sealSecret, secretOf } from './endpoint.secrets.ts';
import {
  countEndpoints,
  deleteEndpoint,
  type EndpointRow,
  findEndpoint,
  insertEndpoint,
  knownAccounts,
  lockEndpoint,
  saveEndpoint,
} from './endpoint.store.ts';
import { hastenLanes, replayDeliveries } from './webhook-delivery.store.ts';
import { eventsBetween } from './webhook-event.store.ts';

type Deps = Pick<IngestDeps, 'runtime' | 'sealingKey' | 'allowPrivateAddresses'>;
type Call = CommandCall<DB>;

/** How long the secret before a rotation signs as well. */
const bothSecretsMs = 24 * 3_600_000;
/** One request replays no more, so that it ends in time. */
const replayEventsMax = 10_000;

const noEndpoint = refuse(
  'NOT_FOUND',
  'endpointId',
  'There is no such address in this workspace: take the id from webhookEndpoints.',
);

/** Adds an address, with a new secret. */
export async function addEndpoint(
  deps: Deps,
  call: Call,
  wish: EndpointInput & { readonly clientMutationId: string },
): Promise<
  Outcome<
    EndpointRow,
    'FORBIDDEN' | 'INVALID_INPUT' | 'URL_FORBIDDEN' | 'NOT_FOUND' | 'LIMIT_REACHED' | 'CLIENT_ID_REUSED'
  >
> {
  const { trx, actor, origin } = call;
  const limited = refuseLimited(actor);
  if (limited !== null) return limited;
  const { tenantId } = actor;
  const { clientMutationId, ...input } = wish;
  const content = [input.url, input.description, JSON.stringify([input.eventTypes, input.accountIds, input.isEnabled])];
  return makeOnce<DB, EndpointRow, 'INVALID_INPUT' | 'URL_FORBIDDEN' | 'NOT_FOUND' | 'LIMIT_REACHED'>(
    call,
    { kind: 'webhook-endpoint', clientMutationId, content },
    {
      find: (id) => findEndpoint(trx, tenantId, id),
      decide: async () => {
        const checked = await check(deps, trx, tenantId, input);
        if (!checked.ok) return checked;
        if ((await countEndpoints(trx, tenantId)) >= endpointsMax)
          return refuse('LIMIT_REACHED', null, `A workspace has at most ${endpointsMax} addresses: delete one first.`);
        const made = blankEndpoint(deps, tenantId, checked.value);
        const record = async () => {
          const aggregate = await insertEndpoint(trx, made);
          await deps.runtime.outbox.append(trx, [endpointChanged(aggregate, made, origin)]);
        };
        return accept({ made, record });
      },
    },
  );
}

function blankEndpoint(deps: Deps, tenantId: TenantId, input: EndpointInput): EndpointRow {
  const owner = { tenant_id: tenantId, id: newId<WebhookEndpointId>() };
  return {
    ...owner,
    ...columnsOf(input),
    sealed_secret: sealSecret(deps.sealingKey, owner, newSecret()),
    sealed_previous_secret: null,
    previous_secret_until: null,
    disabled_reason: null,
    version: 1,
    failures_in_row: 0,
    probe_at: null,
    created_at: deps.runtime.clock.now(),
  };
}

function columnsOf({ url, description, eventTypes, accountIds, isEnabled }: EndpointInput) {
  return {
    url,
    description,
    event_types: [...eventTypes],
    account_ids: [...accountIds],
    is_enabled: isEnabled,
  };
}

async function check(deps: Deps, trx: Trx, tenantId: TenantId, input: EndpointInput) {
  const checked = checkEndpoint(input, deps.allowPrivateAddresses);
  if (!checked.ok) return checked;
  const known = await knownAccounts(trx, tenantId, checked.value.accountIds);
  return known.length === checked.value.accountIds.length ? checked : noAccount;
}

const noAccount = refuse(
  'NOT_FOUND',
  'accountIds',
  'There is no such channel account in this workspace: take the ids from channelAccounts.',
);

export interface Change {
  readonly endpointId: string;
  readonly expectedVersion: number;
}

/** Overwrites an address. Its failures are forgotten: what waits goes out at once if it is enabled. */
export async function changeEndpoint(
  deps: Deps,
  { trx, actor: { tenantId }, origin }: Call,
  { endpointId, expectedVersion, ...input }: Change & EndpointInput,
): Promise<Outcome<EndpointRow, 'INVALID_INPUT' | 'URL_FORBIDDEN' | 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const present = await lockEndpoint(trx, tenantId, endpointId);
  if (present === null) return noEndpoint;
  if (present.version !== expectedVersion) return conflict(present);
  const checked = await check(deps, trx, tenantId, input);
  if (!checked.ok) return checked;
  const fresh = { disabled_reason: null, failures_in_row: 0, probe_at: null };
  const saved = await save(deps, trx, origin, { ...present, ...columnsOf(checked.value), ...fresh });
  if (saved.value.is_enabled) await hastenLanes(trx, saved.value, deps.runtime.clock.now());
  return saved;
}

function conflict({ version }: EndpointRow) {
  const message = `Somebody changed the address meanwhile: it has version ${version} now. Look at it and decide again.`;
  return refuse('VERSION_CONFLICT', 'expectedVersion', message);
}

/** Gives an address a new secret. The old one signs as well for a day, so that the receiver can change over at any time. */
export async function rotateSecret(
  deps: Deps,
  { trx, actor: { tenantId }, origin }: Call,
  endpointId: string,
): Promise<Outcome<EndpointRow, 'NOT_FOUND'>> {
  const present = await lockEndpoint(trx, tenantId, endpointId);
  if (present === null) return noEndpoint;
  const { sealingKey, runtime } = deps;
  return save(deps, trx, origin, {
    ...present,
    sealed_secret: sealSecret(sealingKey, present, newSecret()),
    sealed_previous_secret: sealPreviousSecret(sealingKey, present, secretOf(sealingKey, present)),
    previous_secret_until: new Date(runtime.clock.now().getTime() + bothSecretsMs),
  });
}

async function save({ runtime }: Deps, trx: Trx, origin: Call['origin'], row: EndpointRow) {
  const next = { ...row, version: row.version + 1 };
  const aggregate = await saveEndpoint(trx, next);
  await runtime.outbox.append(trx, [endpointChanged(aggregate, next, origin)]);
  return changed(next, next.id);
}

export async function removeEndpoint(
  { runtime }: Deps,
  { trx, actor: { tenantId }, origin }: Call,
  endpointId: string,
): Promise<Outcome<EndpointRow, 'NOT_FOUND'>> {
  const present = await lockEndpoint(trx, tenantId, endpointId);
  if (present === null) return noEndpoint;
  const last = { ...present, version: present.version + 1 };
  const aggregate = await saveEndpoint(trx, last);
  await deleteEndpoint(trx, last);
  await runtime.outbox.append(trx, [endpointDeleted(aggregate, last, origin)]);
  return changed(last, last.id);
}

export interface Replayed {
  readonly endpoint: EndpointRow;
  readonly eventCount: number;
  /** The time of the first event that is left; null when there is none. */
  readonly continuesFrom: Date | null;
}

/** Makes the events of a time pending again. */
export async function replay(
  { runtime }: Deps,
  { trx, actor: { tenantId } }: Call,
  { endpointId, from, to }: { readonly endpointId: string; readonly from: Date; readonly to: Date },
): Promise<Outcome<Replayed, 'NOT_FOUND' | 'INVALID_INPUT' | 'ENDPOINT_DISABLED'>> {
  const endpoint = await lockEndpoint(trx, tenantId, endpointId);
  if (endpoint === null) return noEndpoint;
  if (from >= to) return refuse('INVALID_INPUT', 'to', 'to must be later than from.');
  if (!endpoint.is_enabled)
    return refuse(
      'ENDPOINT_DISABLED',
      'endpointId',
      'The address is disabled: enable it with saveWebhookEndpoint first.',
    );
  const events = await eventsBetween(trx, endpoint, { from, to, limit: replayEventsMax + 1 });
  await replayDeliveries(trx, endpoint, events.slice(0, replayEventsMax), runtime.clock.now());
  const continuesFrom = events[replayEventsMax]?.recorded_at ?? null;
  return changed({ endpoint, eventCount: Math.min(events.length, replayEventsMax), continuesFrom }, endpoint.id);
}
