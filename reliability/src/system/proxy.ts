import { connect, createServer, type Socket } from 'node:net';

/** Which answer is meant: by what was asked before it on the same connection, and by its own bytes, both as latin1. */
export type Answer = (asked: string, answer: string) => boolean;

/** A TCP proxy whose links can be cut, delayed, frozen or robbed of an answer while everything runs. */
export interface Proxy {
  readonly port: number;
  /** Ends every connection now; new ones are taken again at once. */
  cut(): void;
  /** Ends every connection and takes none while it lasts. */
  refuse(isRefusing: boolean): void;
  /** Holds every answer back for so long. */
  delay(ms: number): void;
  /** Takes connections and what is sent on them, and hands nothing on, as a half-open one does. All end when it is over. */
  freeze(isFrozen: boolean): void;
  /**
   * Cuts the next connection whose server gives such an answer, before the client sees it: what was asked for happened,
   * and nobody is told. Resolves when it has struck.
   */
  robNextAnswer(isMeant: Answer): Promise<void>;
  /** Gives up a robbery that has not struck. */
  robNothing(): void;
  close(): Promise<void>;
}

/** Of what was asked the beginning is enough to know it by. */
const askedCharactersMax = 4_096;

/** `target` is asked for at each connection: a server may come back at another port. `at`: the proxy's own; 0 takes a free one. */
export async function startProxy(target: () => number, at = 0): Promise<Proxy> {
  const links = new Set<() => void>();
  let isRefusing = false;
  let isFrozen = false;
  let delayMs = 0;
  let robbery: { isMeant: Answer; done: () => void } | null = null;

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
    const held: { readonly bytes: Buffer; readonly dueAt: number }[] = [];
    /** In the order they came, also when the delay has ended meanwhile: bytes that overtake others make no protocol. */
    function handOn(): void {
      for (let [next] = held; next !== undefined; [next] = held) {
        const waitMs = next.dueAt - performance.now();
        if (waitMs > 0) return void setTimeout(handOn, waitMs).unref();
        held.shift();
        if (client.writable) client.write(next.bytes);
      }
    }
    let asked = '';
    client.on('data', (bytes) => {
      if (isFrozen) return;
      asked += bytes.subarray(0, askedCharactersMax - asked.length).toString('latin1');
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (isFrozen) return;
      if (robbery?.isMeant(asked, bytes.toString('latin1')) === true) {
        robbery.done();
        robbery = null;
        end();
        return;
      }
      asked = '';
      held.push({ bytes, dueAt: performance.now() + delayMs });
      if (held.length === 1) handOn();
    });
  }

  const listener = createServer(link);
  const port = await new Promise<number>((resolve, reject) => {
    listener.on('error', reject);
    listener.listen(at, '127.0.0.1', () => {
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
    freeze: (is) => {
      isFrozen = is;
      // What was swallowed is gone: no link can go on where it stopped.
      if (!is) cut();
    },
    robNextAnswer: (isMeant) =>
      new Promise((resolve) => {
        robbery = { isMeant, done: resolve };
      }),
    robNothing: () => {
      robbery?.done();
      robbery = null;
    },
    close: async () => {
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
        cut();
      });
    },
  };
}
