import { accessFingerprint, type Caller, type Clock, type Logger } from '@crossdesk/service-kit';
import { CloseCode, type Context } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../caller/authenticator.ts';
import { BadToken, type Identity } from '../caller/identity.ts';
import type { Entry } from '../graphql/entry.ts';
import type { GatewayLimits } from '../limits.ts';

export interface SessionDeps {
  readonly auth: Authenticator;
  readonly entry: Entry;
  readonly limits: GatewayLimits;
  readonly log: Logger;
  readonly clock: Clock;
  addressOf(request: IncomingMessage): string;
}

export type Params = Readonly<Record<string, unknown>>;
type Socket = Context<Params, Extra>;

interface Session {
  readonly caller: Caller;
  readonly timer: NodeJS.Timeout;
}

/** The caller of each socket, for as long as their token is valid. */
export interface Sessions {
  /** False when the socket has no valid token; it is closed then. */
  open(socket: Socket): Promise<boolean>;
  callerOf(socket: Socket): Caller;
  close(socket: Socket): void;
}

interface Refusal {
  readonly code: number;
  readonly reason: string;
}

/**
 * Clients of graphql-ws give up after 4401, and connect again after the other codes: with a new token if their
 * `connectionParams` is a function that gets one.
 */
const refusals = {
  invalid: { code: CloseCode.Unauthorized, reason: 'No valid token: send { "authorization": "Bearer ..." }' },
  expired: { code: CloseCode.Forbidden, reason: 'Token expired' },
  ended: { code: CloseCode.Forbidden, reason: 'Token no longer valid' },
  changed: { code: CloseCode.Forbidden, reason: 'Your role has changed' },
  unknown: { code: 1013, reason: 'The token cannot be checked now' },
} satisfies Record<string, Refusal>;

/** Open streams were begun with what the caller saw then. */
function seesSame(one: Caller, other: Caller): boolean {
  if (one.kind === 'anonymous' || other.kind === 'anonymous') return one.kind === other.kind;
  return accessFingerprint(one) === accessFingerprint(other);
}

function refuse({ extra }: Socket, { code, reason }: Refusal): void {
  extra.socket.close(code, reason);
}

/**
 * The `authorization` of the `connection_init` payload, in any case, also under `headers`; else the header of the
 * upgrade, which only programs can send.
 */
function authorizationOf({ connectionParams = {}, extra }: Socket): string | undefined {
  const headers = Object.entries(connectionParams).find(([name]) => name.toLowerCase() === 'headers')?.[1];
  const nested = typeof headers === 'object' && headers !== null ? Object.entries(headers) : [];
  const given = [...Object.entries(connectionParams), ...nested].find(
    ([name]) => name.toLowerCase() === 'authorization',
  );
  if (given === undefined) return extra.request.headers.authorization;
  // A value that is no text is a token that is not valid.
  return typeof given[1] === 'string' ? given[1] : '';
}

export function createSessions({ auth, entry, limits, log, clock, addressOf }: SessionDeps): Sessions {
  const sessions = new WeakMap<Extra['socket'], Session>();

  async function identify(socket: Socket): Promise<Identity | Refusal> {
    const { request } = socket.extra;
    try {
      const identity = await auth.identify(authorizationOf(socket));
      return identity.caller.kind === 'anonymous' ? refusals.invalid : identity;
    } catch (cause) {
      if (!(cause instanceof BadToken)) {
        log.error({ err: cause }, 'token of a socket could not be checked');
        return refusals.unknown;
      }
      entry.noteBadToken(addressOf(request));
      return cause.isExpired ? refusals.expired : refusals.invalid;
    }
  }

  function watch(context: Socket, { caller, expiresAt }: Identity): void {
    const { socket } = context.extra;
    if (socket.readyState !== socket.OPEN) return;
    const leftMs = expiresAt === null ? Infinity : expiresAt.getTime() - clock.now().getTime();
    const timer = setTimeout(
      () => {
        if (leftMs <= limits.tokenRecheckMs) return refuse(context, refusals.expired);
        identify(context).then(
          (again) => {
            if ('caller' in again && seesSame(again.caller, caller)) watch(context, again);
            else if ('caller' in again) refuse(context, refusals.changed);
            else refuse(context, again === refusals.unknown ? again : refusals.ended);
          },
          (err: unknown) => log.error({ err }, 'token of a socket could not be checked'),
        );
      },
      Math.max(Math.min(leftMs, limits.tokenRecheckMs), 0),
    );
    timer.unref();
    sessions.set(socket, { caller, timer });
  }

  return {
    async open(context) {
      const identity = await identify(context);
      if (!('caller' in identity)) {
        refuse(context, identity);
        return false;
      }
      watch(context, identity);
      return true;
    },
    callerOf: ({ extra }) => sessions.get(extra.socket)?.caller ?? { kind: 'anonymous' },
    close: ({ extra }) => clearTimeout(sessions.get(extra.socket)?.timer),
  };
}
