import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { explorerFetcher } from './fetcher.ts';
import { tourTabs } from './tour.ts';

interface Page {
  readonly html: string;
  readonly gzipped: Buffer;
  readonly contentSecurityPolicy: string;
}

/** GraphiQL as one page that loads nothing from elsewhere, with a policy that allows only its own script. */
export function createExplorer() {
  let page: Promise<Page> | null = null;
  return {
    isAskedFor: ({ method, headers }: FastifyRequest): boolean =>
      method === 'GET' && (headers.accept ?? '').includes('text/html'),
    async send(request: FastifyRequest, reply: FastifyReply) {
      page ??= render();
      const { html, gzipped, contentSecurityPolicy } = await page;
      reply.type('text/html; charset=utf-8').header('content-security-policy', contentSecurityPolicy);
      if (!(request.headers['accept-encoding'] ?? '').includes('gzip')) return reply.send(html);
      return reply.header('content-encoding', 'gzip').send(gzipped);
    },
  };
}

async function render(): Promise<Page> {
  // The page takes 90 MB of memory once it is loaded (measured), so it is loaded when it is first opened.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = withOwnFetcher(renderGraphiQL({ title: 'Crossdesk', favicon: 'data:,', logo: ' ' }));
  const script = html.slice(html.indexOf('<script>') + '<script>'.length, html.lastIndexOf('</script>'));
  const scriptHash = createHash('sha256').update(script).digest('base64');
  return {
    html,
    gzipped: await promisify(gzip)(html),
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src 'sha256-${scriptHash}'`,
      'worker-src blob:',
      "style-src 'unsafe-inline'",
      "connect-src 'self'",
      'img-src data:',
      'font-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

const call = 'YogaGraphiQL.renderYogaGraphiQL(';

/** The page's own fetcher uses an older socket protocol and sends no token, so ours replaces it. */
function withOwnFetcher(html: string): string {
  const start = html.lastIndexOf(call);
  const end = html.lastIndexOf('</script>');
  if (start < 0 || end < start) throw new Error('the explorer page is not built as expected: look at render-graphiql');
  const options = { title: 'Crossdesk', logo: ' ', defaultTabs: tourTabs, shouldPersistHeaders: false };
  const address = 'window.location.origin + window.location.pathname';
  return `${html.slice(0, start)}${call}window.document.querySelector('#root'), {
    ...${JSON.stringify(options).replaceAll('<', '\\u003c')},
    fetcher: (${explorerFetcher.toString()})(${address}),
  });
  ${html.slice(end)}`;
}
