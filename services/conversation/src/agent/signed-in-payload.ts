import type { Decision, RequestContext } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Agent } from './agent.store.ts';
import { openSession, type SignedInPerson } from './session.commands.ts';

type App = Pick<GraphqlContext['app'], 'accessTokens' | 'runtime'>;

/** The payload of a mutation by which somebody has proved who they are: a new session. */
export async function signedInPayload<Code extends graphql.UserErrorCode>(
  outcome: Decision<Agent, Code>,
  app: App,
  request: Pick<RequestContext, 'clientAddress' | 'userAgent'>,
) {
  return sessionPayload(
    outcome.ok ? { ok: true, value: await openSession(app.runtime, request, outcome.value) } : outcome,
    app,
  );
}

/** The payload of a mutation that opens or renews a session. */
export async function sessionPayload<Code extends graphql.UserErrorCode>(
  outcome: Decision<SignedInPerson, Code>,
  { accessTokens }: App,
) {
  if (!outcome.ok) {
    const nothing = { accessToken: null, expiresAt: null, refreshToken: null, session: null, agent: null };
    return { ...nothing, errors: [...outcome.errors] };
  }
  const { agent, session, refreshToken } = outcome.value;
  return { ...(await accessTokens.issue(agent, session)), refreshToken, session, agent, errors: [] };
}
