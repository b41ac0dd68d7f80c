import type { Decision } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Agent } from './agent.store.ts';

/** The payload of a mutation that signs somebody in: a new access token. */
export async function signedInPayload<Code extends graphql.UserErrorCode>(
  outcome: Decision<Agent, Code>,
  { accessTokens }: Pick<GraphqlContext['app'], 'accessTokens'>,
) {
  if (!outcome.ok) return { accessToken: null, expiresAt: null, agent: null, errors: [...outcome.errors] };
  return { ...(await accessTokens.issue(outcome.value)), agent: outcome.value, errors: [] };
}
