import getPort from 'get-port';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';

/**
 * Unused ports. They stay reserved until this process ends: other callers in any process of this machine get other
 * ports, also before a server listens on the port and while the server restarts. Ports above 32,767 are not used,
 * because systems assign them to outgoing connections (IANA, Linux), which could take them in between.
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
 * UDP has separate port numbers, which nothing here uses: the process that binds the UDP port of the same number has
 * reserved the port. The system releases it when the process ends, however it ends.
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
