import { GraphQLError } from 'graphql';
import type { Caller, RequestContext, Role } from './request-context.ts';

/** The person or API token behind a request. */
export type SignedIn = Exclude<Caller, { readonly kind: 'anonymous' }>;

/** Who is signed in. @throws GraphQLError UNAUTHENTICATED */
export function signedIn({ caller }: Pick<RequestContext, 'caller'>): SignedIn {
  if (caller.kind === 'anonymous') {
    throw new GraphQLError('Sign in first: call signIn and send its accessToken as a bearer token.', {
      extensions: { code: 'UNAUTHENTICATED' },
    });
  }
  return caller;
}

/** Who is signed in, if the role is among those allowed. @throws GraphQLError UNAUTHENTICATED or FORBIDDEN */
export function signedInAs(context: RequestContext, ...roles: readonly Role[]): SignedIn {
  const caller = signedIn(context);
  if (!roles.includes(caller.role)) {
    throw new GraphQLError(`Your role is ${caller.role}; this needs ${roles.join(' or ')}.`, {
      extensions: { code: 'FORBIDDEN' },
    });
  }
  return caller;
}
