import { type AgentId, type ConversationId, type TenantId } from '@crossdesk/contracts';
import { type Logger, signedIn } from '@crossdesk/service-kit';
import type { ExecutionResult } from 'graphql';
import { refusal } from '../errors.ts';
import type { Federation } from '../federation/federation.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { partOf } from '../live/event-answers.ts';
import type { RunningStream, StreamRequest } from '../live/live-stream.ts';
import { eventIdsVariable } from '../live/rewrite.ts';
import { idIn } from '../live/stream-arguments.ts';
import type { StreamReader } from '../live/stream-reader.ts';
import { toSubscription } from '../live/subscription.ts';
import type { Presence } from './presence.ts';

export interface PresenceStreamDeps {
  readonly presence: Presence;
  readonly federation: Pick<Federation, 'execute'>;
  readonly log: Logger;
  readonly metrics: Pick<GatewayMetrics, 'subscriptions' | 'delivered'>;
}

const field = 'conversationPresence';

/** The subscription to who is at a conversation. It reads no log: it tells what is, not what happened. */
export function createPresenceStream(deps: PresenceStreamDeps): Pick<RunningStream, 'field' | 'byIds' | 'subscribe'> {
  const { metrics, log } = deps;
  const labels = { stream: field };
  metrics.subscriptions.set(labels, 0);
  metrics.delivered.inc(labels, 0);
  return {
    field,
    byIds: 'conversationPresenceByIds',
    subscribe(request) {
      const conversationId = idIn<ConversationId>(request.arguments, 'id');
      if (conversationId === null) throw refusal('BAD_USER_INPUT', 'id is missing');
      return () => {
        metrics.subscriptions.inc(labels);
        return toSubscription({
          reader: createPresenceReader(deps, request, conversationId),
          requestId: request.context.requestId,
          log,
          onShown: () => metrics.delivered.inc(labels),
          onEnd() {
            metrics.subscriptions.dec(labels);
            request.onEnd();
          },
        });
      };
    },
  };
}

/** Shows the present state with the first `next`, and each state after a change; several changes at once are one. */
function createPresenceReader(
  { presence, federation }: PresenceStreamDeps,
  request: StreamRequest,
  conversationId: ConversationId,
): StreamReader {
  const caller = signedIn(request.context);
  const opened = new AbortController();
  let isChanged = true;
  let wake: () => void = () => undefined;
  let leave: (() => void) | null = null;

  function onChange(): void {
    isChanged = true;
    wake();
  }

  async function ask(): Promise<ExecutionResult> {
    const { document, responseKey } = request.query;
    const variables = { ...request.variables, [eventIdsVariable]: [conversationId] };
    const { context } = request;
    const asked = { document, operationName: null, variables, context, signal: opened.signal };
    return partOf(await federation.execute(asked), responseKey, 0);
  }

  return {
    async next() {
      leave ??= enter(presence, { ...caller, conversationId }, onChange);
      while (!isChanged && !opened.signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      if (opened.signal.aborted) return null;
      isChanged = false;
      return ask();
    },
    async stop() {
      opened.abort();
      leave?.();
      wake();
    },
  };
}

/** Listens, and views the conversation if it is a person who listens. */
function enter(
  presence: Presence,
  {
    kind,
    agentId,
    ...place
  }: {
    readonly kind: string;
    readonly agentId: AgentId;
    readonly tenantId: TenantId;
    readonly conversationId: ConversationId;
  },
  onChange: () => void,
): () => void {
  const leave = kind === 'agent' ? presence.view(place, agentId) : () => undefined;
  const unlisten = presence.listen(place, onChange);
  return () => {
    unlisten();
    leave();
  };
}
