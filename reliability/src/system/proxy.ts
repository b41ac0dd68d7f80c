import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Tells which answer to drop: by what was asked before it on the same connection, and by its own bytes, both as latin1. */
export type Answer = (asked: string, answer: string) => boolean;

/** A TCP proxy that can cut, refuse, delay or freeze connections and drop single answers while everything runs. */
export interface Proxy {
  readonly port: number;
  /** Ends every connection now; new ones are accepted at once. */
  cut(): void;
  /** Ends every connection and accepts none until it is called with false. */
  refuse(isRefusing: boolean): void;
  /** Holds back every answer for this long. */
  delay(ms: number): void;
  /**
   * Accepts connections and data but forwards nothing, like a half-open connection, until it is called with false. Then all
   * connections end, because the data they lost cannot be sent again.
   */
  freeze(isFrozen: boolean): void;
  /**
   * Cuts the next connection whose server gives such an answer, before the client sees it: the server has done what was
   * asked, and the client does not know. Resolves when that has happened.
   */
  dropNextAnswer(isMeant: Answer): Promise<void>;
  /** Takes back a `dropNextAnswer` that has not happened yet. */
  dropNothing(): void;
  close(): Promise<void>;
}

/** What the connections of a proxy share. */
interface Conditions {
  isRefusing: boolean;
  isFrozen: boolean;
  delayMs: number;
  drop: { readonly isMeant: Answer; readonly done: () => void } | null;
}

/** The beginning of what was asked is enough to recognise it. */
const askedCharactersMax = 4_096;

/**
 * `target` is called for each connection, because a server may restart on another port. `at` is the port of the proxy; 0 takes
 * a free one.
 */
export async function startProxy(target: () => number, at = 0): Promise<Proxy> {
  const links = new Set<() => void>();
  const conditions: Conditions = { isRefusing: false, isFrozen: false, delayMs: 0, drop: null };
  const listener = createServer((client) => {
    if (conditions.isRefusing) client.resetAndDestroy();
    else openLink(client, target(), conditions, links);
  });
  listener.listen(at, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  const cut = (): void => [...links].forEach((end) => end());
  return {
    port: address.port,
    cut,
    refuse: (isRefusing) => {
      conditions.isRefusing = isRefusing;
      if (isRefusing) cut();
    },
    delay: (ms) => {
      conditions.delayMs = ms;
    },
    freeze: (isFrozen) => {
      conditions.isFrozen = isFrozen;
      if (!isFrozen) cut();
    },
    dropNextAnswer: (isMeant) =>
      new Promise((resolve) => {
        conditions.drop = { isMeant, done: resolve };
      }),
    dropNothing: () => {
      conditions.drop?.done();
      conditions.drop = null;
    },
    close: async () => {
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
        cut();
      });
    },
  };
}

/** Joins a client to the server until one of them ends, and puts the way to end it into `links`. */
function openLink(client: Socket, port: number, conditions: Conditions, links: Set<() => void>): void {
  const server = connect({ host: '127.0.0.1', port });
  const end = (): void => {
    links.delete(end);
    client.destroy();
    server.destroy();
  };
  links.add(end);
  client.setNoDelay(true).on('error', end).on('close', end);
  server.setNoDelay(true).on('error', end).on('close', end);
  const forward = delayedWriter(client);
  let asked = '';
  client.on('data', (bytes) => {
    if (conditions.isFrozen) return;
    asked += bytes.subarray(0, askedCharactersMax - asked.length).toString('latin1');
    server.write(bytes);
  });
  server.on('data', (bytes) => {
    if (conditions.isFrozen) return;
    if (conditions.drop?.isMeant(asked, bytes.toString('latin1')) === true) {
      conditions.drop.done();
      conditions.drop = null;
      end();
      return;
    }
    asked = '';
    forward(bytes, conditions.delayMs);
  });
}

/** Writes to a client after a delay, always in the order of the calls, also when the delay has become shorter. */
function delayedWriter(client: Socket): (bytes: Buffer, delayMs: number) => void {
  const held: { readonly bytes: Buffer; readonly dueAt: number }[] = [];
  const writeDue = (): void => {
    for (let [next] = held; next !== undefined; [next] = held) {
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0) return void setTimeout(writeDue, waitMs).unref();
      held.shift();
      if (client.writable) client.write(next.bytes);
    }
  };
  return (bytes, delayMs) => {
    held.push({ bytes, dueAt: performance.now() + delayMs });
    if (held.length === 1) writeDue();
  };
}
