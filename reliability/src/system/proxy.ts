import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose links can be cut, delayed or robbed of an answer while everything runs. */
export interface Proxy {
  readonly port: number;
  /** Ends every connection now; new ones are taken again at once. */
  cut(): void;
  /** Ends every connection and takes none while it lasts. */
  refuse(isRefusing: boolean): void;
  /** Holds every answer back for so long. */
  delay(ms: number): void;
  /**
   * Cuts the next connection whose server answers with these bytes, before the client sees them: what was asked for
   * happened, and nobody is told. Resolves when it has struck.
   */
  robNextAnswer(bytes: string): Promise<void>;
  close(): Promise<void>;
}

/** `target` is asked for at each connection: a server may come back at another port. */
export async function startProxy(target: () => number): Promise<Proxy> {
  const links = new Set<() => void>();
  let isRefusing = false;
  let delayMs = 0;
  let robbery: { bytes: Buffer; done: () => void } | null = null;

  function link(client: Socket): void {
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: '127.0.0.1', port: target() });
    const end = (): void => {
      links.delete(end);
      client.destroy();
      server.destroy();
    };
    links.add(end);
    client.setNoDelay(true).on('error', end).on('close', end);
    server.setNoDelay(true).on('error', end).on('close', end);
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      if (robbery !== null && bytes.includes(robbery.bytes)) {
        robbery.done();
        robbery = null;
        end();
        return;
      }
      if (delayMs === 0) client.write(bytes);
      else setTimeout(() => client.writable && client.write(bytes), delayMs).unref();
    });
  }

  const listener = createServer(link);
  const port = await new Promise<number>((resolve, reject) => {
    listener.on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the proxy has no port'));
    });
  });
  const cut = (): void => [...links].forEach((end) => end());
  return {
    port,
    cut,
    refuse: (is) => {
      isRefusing = is;
      if (is) cut();
    },
    delay: (ms) => {
      delayMs = ms;
    },
    robNextAnswer: (bytes) =>
      new Promise((resolve) => {
        robbery = { bytes: Buffer.from(bytes, 'latin1'), done: resolve };
      }),
    close: async () => {
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
        cut();
      });
    },
  };
}
