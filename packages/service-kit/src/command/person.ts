import { isLimited } from '../caller/access.ts';
import { permissionFor } from '../caller/permissions.ts';
import type { Principal } from '../caller/principal.ts';
import { refuse, type Refused } from './decision.domain.ts';

const recentMs = 15 * 60_000;

/**
 * For grave actions (passwords, access, tokens, erasure): refuses a session whose person has not proved who they are for
 * fifteen minutes, so that a stolen token or an unlocked screen is not enough.
 */
export function refuseOldSession(actor: Principal, now: Date): Refused<'SIGN_IN_AGAIN'> | null {
  if (actor.kind !== 'agent' || now.getTime() - actor.authenticatedAtMs <= recentMs) return null;
  return refuse('SIGN_IN_AGAIN', null, 'Sign in again, then repeat this within fifteen minutes.');
}

/** Refuses programs: the action needs the session of a person. */
export function refuseProgram(actor: Principal): Refused<'FORBIDDEN'> | null {
  if (actor.kind !== 'api-token') return null;
  return refuse('FORBIDDEN', null, 'An API token may not do this: somebody has to sign in for it.');
}

/** Refuses callers whose custom role limits them to some stores or conversations: the action concerns all. */
export function refuseLimited(actor: Principal): Refused<'FORBIDDEN'> | null {
  if (!('access' in actor) || actor.access === undefined || !isLimited(actor.access)) return null;
  return refuse('FORBIDDEN', null, 'Your role is limited to a part of the workspace: ask somebody who sees all of it.');
}

/**
 * Refuses callers whose custom role withholds the permission that a mutation needs; also for an action that a macro or a
 * bulk job does under the name of that mutation (ADR 0104).
 */
export function refuseWithheld(actor: Principal, mutation: string): Refused<'FORBIDDEN'> | null {
  const withheld = 'access' in actor ? (actor.access?.withheld ?? []) : [];
  const needed = permissionFor(mutation);
  if (needed === null || !withheld.includes(needed)) return null;
  const name = needed.toUpperCase().replaceAll('-', '_');
  return refuse('FORBIDDEN', null, `Your role withholds the permission ${name}: an admin can give it with saveRole.`);
}
