import { accept, type Decision, type RequestContext } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Agent } from './agent.store.ts';
import { openSession, type SignedInPerson } from './session.commands.ts';

type App = Pick<GraphqlContext['app'], 'accessTokens' | 'runtime'>;

/** Somebody has proved their password, and goes on with this. */
export interface Challenge {
  readonly token: string;
  readonly expiresAt: Date;
  /** False: they have no second factor yet and set one up now. */
  readonly isEnrolled: boolean;
}

/** The payload of a mutation by which somebody has proved who they are: a new session, or what is left to prove. */
export async function signedInPayload<Code extends graphql.UserErrorCode>(
  outcome: Decision<Agent, Code> & { readonly challenge?: Challenge },
  app: App,
  request: Pick<RequestContext, 'clientAddress' | 'userAgent'>,
) {
  const opened = outcome.ok ? accept(await openSession(app.runtime, request, outcome.value)) : outcome;
  return { ...(await sessionPayload(opened, app)), challenge: outcome.challenge ?? null };
}

/** The payload of a mutation that opens or renews a session. */
export async function sessionPayload<Code extends graphql.UserErrorCode>(
  outcome: Decision<SignedInPerson, Code>,
  { accessTokens }: App,
) {
  if (!outcome.ok) {
    const nothing = { accessToken: null, expiresAt: null, refreshToken: null, session: null, agent: null };
    return { ...nothing, challenge: null, errors: [...outcome.errors] };
  }
  const { agent, session, refreshToken } = outcome.value;
  return { ...(await accessTokens.issue(agent, session)), refreshToken, session, agent, challenge: null, errors: [] };
}
