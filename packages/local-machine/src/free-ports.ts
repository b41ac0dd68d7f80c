import getPort from 'get-port';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';

/**
 * Ports that nobody uses. They stay ours until this process ends: whoever else asks here, in any process of this machine,
 * gets others, also before somebody listens at them and while that is restarted. Systems lend those above 32,767 to
 * outgoing connections (IANA, Linux), which could take them meanwhile.
 */
export function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = await getPort({ port: Array.from({ length: 20 }, () => randomInt(10_000, 32_768)) });
    if (await claim(port)) return port;
  }
}

/**
 * Datagrams have ports of their own, which nothing here uses: who holds the one of the same number has claimed the port.
 * The system gives it back when the process ends, however it ends.
 */
function claim(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      socket.unref();
      resolve(true);
    });
  });
}
