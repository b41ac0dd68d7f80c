export interface FetcherRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown>;
}

export interface FetcherOptions {
  readonly headers?: Record<string, string>;
}

/**
 * How the explorer page talks to the gateway: POST, and a socket for subscriptions that carries the same token. Its
 * source text is put into the page, so it must not use anything from outside itself.
 */
export function explorerFetcher(address: string) {
  return (request: FetcherRequest, options: FetcherOptions = {}) => {
    const headers = options.headers ?? {};
    const code = request.query.replaceAll(/"[^"\n]*"|#.*/g, '');
    const operations = [...code.matchAll(/(?:^|\})\s*(query|mutation|subscription)\b\s*(\w*)/g)];
    const chosen = operations.find((match) => match[2] === request.operationName) ?? operations[0];
    if (chosen === undefined || chosen[1] !== 'subscription') {
      return fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(request),
      }).then((response) => response.json());
    }
    const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
    return (async function* () {
      const socket = new WebSocket(address.replace(/^http/, 'ws'), 'graphql-transport-ws');
      const waiting: { type: string; payload?: unknown }[] = [];
      let wake = () => {};
      const take = (message: { type: string; payload?: unknown }) => {
        waiting.push(message);
        wake();
      };
      socket.onopen = () =>
        socket.send(JSON.stringify({ type: 'connection_init', payload: authorization ? { authorization } : {} }));
      socket.onclose = ({ code, reason }) =>
        take({ type: 'closed', payload: [{ message: `the socket closed: ${code} ${reason}` }] });
      socket.onmessage = ({ data }) => take(JSON.parse(String(data)));
      try {
        for (;;) {
          const message = waiting.shift();
          if (message === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          if (message.type === 'connection_ack')
            socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: request }));
          if (message.type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
          if (message.type === 'next') yield message.payload;
          if (message.type === 'error' || message.type === 'closed') yield { errors: message.payload };
          if (message.type === 'complete' || message.type === 'error' || message.type === 'closed') return;
        }
      } finally {
        socket.close(1000);
      }
    })();
  };
}
