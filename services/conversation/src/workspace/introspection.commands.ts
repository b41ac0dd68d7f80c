import { timingSafeEqual } from 'node:crypto';
import { type AgentId, parseId, type SessionId, type TenantId } from '@crossdesk/contracts';
import type { Access, Caller, ServiceRuntime, Stoppable } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { accessOfAgents } from '../access/role.store.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import { isOpen } from '../agent/session.domain.ts';
import { findSession, markSessionUsed } from '../agent/session.store.ts';
import { digestOf } from './api-token.commands.ts';
import { type ApiToken, findApiToken, markTokenUsed } from './api-token.store.ts';

export interface Introspection extends Stoppable {
  /** The caller an API token stands for; null if the token is unknown, wrong, expired or revoked. */
  introspect(token: string): Promise<Caller | null>;
  /**
   * Whether the access tokens of a person, and of a session of theirs, are still valid; null for an unknown person. No
   * session: people who come through an external provider.
   */
  standingOf(tenantId: TenantId, agentId: AgentId, sessionId: SessionId | null): Promise<AgentStanding | null>;
}

export interface AgentStanding {
  /** They have access, and the session is open. */
  readonly isActive: boolean;
  /** Tokens of an earlier epoch are no longer valid. */
  readonly epoch: number;
  /** What their custom role limits; absent for people without one. */
  readonly access?: Access;
}

/** The last use shows people which tokens and sessions are unused, so a precision of a minute is enough. */
const lastUseEveryMs = 60_000;

export function createIntrospection({
  db,
  clock,
  log,
}: Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'log'>): Introspection {
  const writing = new Set<Promise<void>>();

  /** Requests do not wait for this write, only a stop does. */
  function noteUse<Used extends { readonly id: string; readonly lastUsedAt: Date | null }>(
    used: Used,
    mark: (trx: Transaction<DB>, used: Used, now: Date) => Promise<void>,
  ): void {
    const now = clock.now();
    if (used.lastUsedAt !== null && now.getTime() - used.lastUsedAt.getTime() < lastUseEveryMs) return;
    const write = db
      .asWorker((trx) => mark(trx, used, now))
      .catch((err: unknown) => log.warn({ err, usedId: used.id }, 'cannot record the use of a token'))
      .finally(() => writing.delete(write));
    writing.add(write);
  }

  return {
    name: 'use of tokens',
    async introspect(text) {
      const id = idIn(text);
      const found = id === null ? null : await db.asWorker((trx) => findApiToken(trx, id));
      if (found === null || !timingSafeEqual(found.secretHash, digestOf(text))) return null;
      if (hasEnded(found.token, clock.now())) return null;
      noteUse(found.token, markTokenUsed);
      const { tenantId, id: agentId, role, scopes } = found.token;
      const access = (await db.forTenant(tenantId, (trx) => accessOfAgents(trx, tenantId, [agentId]))).get(agentId);
      return { kind: 'api-token', tenantId, agentId, role, scopes, ...(access === undefined ? {} : { access }) };
    },
    async standingOf(tenantId, agentId, sessionId) {
      const [agent, access, session] = await db.forTenant(tenantId, async (trx) => [
        (await agentsByIds(trx, tenantId, [agentId])).get(agentId),
        (await accessOfAgents(trx, tenantId, [agentId])).get(agentId),
        sessionId === null ? null : await findSession(trx, tenantId, agentId, sessionId),
      ]);
      if (agent === undefined) return null;
      const isSessionOpen = sessionId === null || (session !== null && isOpen(session, clock.now()));
      const isActive = agent.isActive && isSessionOpen;
      if (session !== null && isActive) noteUse(session, markSessionUsed);
      return { isActive, epoch: agent.tokenEpoch, ...(access === undefined ? {} : { access }) };
    },
    stop: async () => {
      await Promise.all(writing);
    },
  };
}

function hasEnded({ revokedAt, expiresAt }: ApiToken, now: Date): boolean {
  return revokedAt !== null || expiresAt <= now;
}

function idIn(token: string): AgentId | null {
  const hex = /^cdk_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/.exec(token)?.[1];
  if (hex === undefined) return null;
  return parseId([hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'));
}
