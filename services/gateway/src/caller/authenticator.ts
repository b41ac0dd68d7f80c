import type { TokenVerifier } from './access-token.ts';
import { type ApiTokenCheck, apiTokenPrefix } from './api-token.ts';
import { BadToken, type Identity } from './identity.ts';

export interface Authenticator {
  /**
   * Who an `Authorization` header speaks for. No header means anonymous.
   * @throws BadToken
   */
  identify(authorization: string | undefined): Promise<Identity>;
}

/** Our own tokens are shorter than this. */
const authorizationCharactersMax = 8_192;

/** Distinguishes people's access tokens from programs' API tokens and has each checked by its own rule. */
export function createAuthenticator(checks: {
  readonly accessToken: TokenVerifier;
  readonly apiToken: ApiTokenCheck;
  /** The person with what limits them; throws for one whose tokens are no longer valid. */
  readonly standing: (identity: Identity) => Promise<Identity>;
}): Authenticator {
  return {
    async identify(authorization) {
      if (authorization === undefined) return { caller: { kind: 'anonymous' }, expiresAt: null, epoch: null };
      const token = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(authorization)?.[1];
      if (token === undefined || authorization.length > authorizationCharactersMax) throw new BadToken();
      if (token.startsWith(apiTokenPrefix)) return checks.apiToken(token);
      return checks.standing(await checks.accessToken(token));
    },
  };
}
