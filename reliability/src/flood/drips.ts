import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Drips {
  /** Resolves when the server has ended all of them, or after a minute. */
  outlast(): Promise<{ readonly endedByServer: number; readonly stillOpen: number }>;
  close(): void;
}

const beginning = 'POST /webhooks/generic/nobody HTTP/1.1\r\nhost: localhost\r\nx-slow: ';
const dripEveryMs = 1_000;
/** The limit for headers is 10 s, and Node checks it every 30 s by default. */
const outlastMs = 60_000;
/** More at once would overflow the backlog of the listener. */
const connectAtOnce = 100;

/** Opens sockets that begin a request and then send one byte a second, so that no idle limit ends them. */
export async function openDrips(port: number, count: number): Promise<Drips> {
  const open = new Set<Socket>();
  let ended = 0;
  for (let opened = 0; opened < count; opened += connectAtOnce)
    await Promise.all(Array.from({ length: Math.min(connectAtOnce, count - opened) }, () => openOne()));
  const timer = setInterval(() => open.forEach((socket) => socket.write('a')), dripEveryMs);

  function openOne(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port }, () => {
        open.add(socket);
        socket.write(beginning);
        resolve();
      });
      socket.on('error', reject);
      socket.resume().on('close', () => {
        if (open.delete(socket)) ended += 1;
      });
    });
  }

  return {
    outlast: async () => {
      const endsAt = performance.now() + outlastMs;
      while (open.size > 0 && performance.now() < endsAt) await pause(100);
      return { endedByServer: ended, stillOpen: open.size };
    },
    close: () => {
      clearInterval(timer);
      for (const socket of open) {
        open.delete(socket);
        socket.destroy();
      }
    },
  };
}
