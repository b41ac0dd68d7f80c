import { type RequestContext, signedIn, refuseLimited } from '@crossdesk/service-kit';

/** Whether the caller's role includes all stores: what is summed over all of them is for these callers only. */
export function seesAll(request: RequestContext): boolean {
  return refuseLimited(signedIn(request)) === null;
}
