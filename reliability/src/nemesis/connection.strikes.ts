import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Server } from '../system/server.ts';
import type { Strike } from './strike.port.ts';

const connectAtOnce = 20;
/** Left free for the harness, which has to observe. */
const connectionsSpared = 6;

export const connectionStrikes: Readonly<Record<string, Strike>> = {
  // Other clients take every connection of the server at the moment when the system loses its own.
  'database connection storm': async ({ server, random }) => {
    const taken = await takeConnections(server);
    server.proxy.cut();
    await pause(1_000 + random(3_000));
    await Promise.all(taken.map((client) => client.end()));
  },
};

/** Connects until the server refuses, and then frees just enough connections for the harness. */
async function takeConnections(server: Server): Promise<Client[]> {
  const taken: Client[] = [];
  for (let isFull = false; !isFull;) {
    const tried = Array.from({ length: connectAtOnce }, () => connected(server.directUrlOf('postgres')));
    const clients = (await Promise.all(tried)).filter((client) => client !== null);
    taken.push(...clients);
    isFull = clients.length < connectAtOnce;
  }
  await Promise.all(taken.splice(0, connectionsSpared).map((client) => client.end()));
  return taken;
}

async function connected(url: string): Promise<Client | null> {
  const client = new Client({ connectionString: url });
  // A restart of the server ends the connection.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch {
    return null;
  }
}
