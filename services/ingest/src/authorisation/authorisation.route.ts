import { parseChannel } from '@crossdesk/channels';
import type { FastifyInstance } from 'fastify';
import type { AccountDirectory } from '../account/account-directory.ts';
import type { IngestDeps } from '../deps.ts';
import { completeAuthorisation } from './authorisation.commands.ts';
import { authorisationPage } from './authorisation.page.ts';

interface AuthorisationParams {
  readonly channel: string;
}

/** `GET /authorisations/:channel`: where platforms send the browser of a seller after they agreed or refused. */
export function mountAuthorisations(http: FastifyInstance, deps: IngestDeps, directory: AccountDirectory): void {
  // Link scanners ask with HEAD: that must not use up the state of the seller.
  const once = { exposeHeadRoute: false };
  http.get<{ Params: AuthorisationParams }>('/authorisations/:channel', once, async (request, reply) => {
    const channel = parseChannel(request.params.channel);
    if (channel === null || deps.adapters[channel].authorisation === null) return reply.code(404).send();
    const outcome = await completeAuthorisation(deps, channel, textsOf(request.query));
    directory.forget();
    if (!outcome.ok)
      deps.runtime.log.warn({ channel, reason: outcome.reason, detail: outcome.detail }, 'authorisation not completed');
    return reply
      .code(outcome.ok ? 200 : outcome.reason === 'UNREACHABLE' ? 502 : 400)
      .headers({
        // The address carries a code: it must not be cached, and not be sent on as a referrer.
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      })
      .type('text/html; charset=utf-8')
      .send(authorisationPage(outcome));
  });
}

function textsOf(query: unknown): Record<string, string> {
  if (query === null || typeof query !== 'object') return {};
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
}
