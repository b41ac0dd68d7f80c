import type { Caller, Clock, Logger } from '@crossdesk/service-kit';
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

export type Params = { authorization?: unknown };
type Socket = Context<Params, Extra>;

interface Session {
  readonly caller: Caller;
  readonly timer: NodeJS.Timeout;
}

/** The caller of each socket, for as long as their token is valid. */
export interface Sessions {
  /** False when the socket has no valid token. */
  open(socket: Socket): Promise<boolean>;
  callerOf(socket: Socket): Caller;
  close(socket: Socket): void;
}

export function createSessions({ auth, entry, limits, log, clock, addressOf }: SessionDeps): Sessions {
  const sessions = new WeakMap<Extra['socket'], Session>();

  async function identify({ connectionParams, extra }: Socket): Promise<Identity | null> {
    const given = connectionParams?.authorization;
    try {
      const identity = await auth.identify(typeof given === 'string' ? given : undefined);
      return identity.caller.kind === 'anonymous' ? null : identity;
    } catch (cause) {
      if (!(cause instanceof BadToken)) log.error({ err: cause }, 'token of a socket could not be checked');
      else entry.noteBadToken(addressOf(extra.request));
      return null;
    }
  }

  /**
   * Closes with 4403 when the token ends: after that code clients of graphql-ws reconnect with a new token, while after
   * 4401 they give up.
   */
  function watch(context: Socket, { caller, expiresAt }: Identity): void {
    const { socket } = context.extra;
    if (socket.readyState !== socket.OPEN) return;
    const leftMs = expiresAt === null ? Infinity : expiresAt.getTime() - clock.now().getTime();
    const timer = setTimeout(
      () => {
        if (leftMs <= limits.tokenRecheckMs) return socket.close(CloseCode.Forbidden, 'Token expired');
        identify(context).then(
          (again) =>
            again === null ? socket.close(CloseCode.Forbidden, 'Token no longer valid') : watch(context, again),
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
      if (identity === null) return false;
      watch(context, identity);
      return true;
    },
    callerOf: ({ extra }) => sessions.get(extra.socket)?.caller ?? { kind: 'anonymous' },
    close: ({ extra }) => clearTimeout(sessions.get(extra.socket)?.timer),
  };
}
