import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ConfigError } from '../runtime/config.ts';

/** Where a process listens, and the variable that says so. Port 0 is any that is free. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly variable: string;
}

/** Opens the server. @throws ConfigError that names the port and its variable */
export async function listen(http: FastifyInstance, address: ListenAddress): Promise<string> {
  const { host, port } = address;
  try {
    return await http.listen({ host, port });
  } catch (error) {
    throw inWords(error, address);
  }
}

/**
 * Finds out before anything slow happens whether a process can listen where it will want to.
 * @throws ConfigError that names every port that is taken, with its variable
 */
export async function checkAddresses(addresses: readonly ListenAddress[]): Promise<void> {
  const problems: string[] = [];
  for (const address of addresses) {
    const error = await problemOf(address);
    if (error !== null) problems.push(error.message);
  }
  if (problems.length > 0) throw new ConfigError(problems.join('; '));
}

async function problemOf(address: ListenAddress): Promise<Error | null> {
  const server = createServer();
  try {
    server.listen({ host: address.host, port: address.port, exclusive: true });
    await once(server, 'listening');
    return null;
  } catch (error) {
    return inWords(error, address);
  } finally {
    server.close();
  }
}

function inWords(error: unknown, { host, port, variable }: ListenAddress): Error {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
  if (code === 'EADDRINUSE')
    return new ConfigError(`port ${port} is in use: stop what uses it, or set ${variable} to another`);
  if (code === 'EACCES') return new ConfigError(`port ${port} is not for this user: set ${variable} to one above 1023`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ConfigError(`HOST: this machine has no address ${host}`);
  return error instanceof Error ? error : new Error(`cannot listen at ${host}:${port}`, { cause: error });
}
