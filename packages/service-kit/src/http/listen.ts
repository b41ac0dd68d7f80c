import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ConfigError } from '../runtime/config.ts';

/** The port a process listens at, and the variable that sets it. Port 0 means any free port. */
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
 * Checks, before slow work begins, whether a process will be able to listen at its ports.
 * @throws ConfigError that names every port in use, with its variable
 */
export async function checkAddresses(addresses: readonly ListenAddress[]): Promise<void> {
  const problems: string[] = [];
  for (const [port, same] of Map.groupBy(addresses, (address) => address.port)) {
    const names = same.map(({ variable }) => variable);
    if (port !== 0 && names.length > 1)
      problems.push(`${names.join(' and ')} are both ${port}: each needs its own port`);
  }
  for (const address of problems.length > 0 ? [] : addresses) {
    const error = await problemOf(address);
    if (error !== null) problems.push(error.message);
  }
  if (problems.length > 0) throw new ConfigError([...new Set(problems)].join('; '));
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
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null;
  if (code === 'EADDRINUSE')
    return new ConfigError(`port ${port} is in use: stop the program that uses it, or set ${variable} to another port`);
  if (code === 'EACCES')
    return new ConfigError(`this user may not listen at port ${port}: set ${variable} to one above 1023`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ConfigError(`HOST: this machine has no address ${host}`);
  return error instanceof Error ? error : new Error(`cannot listen at ${host}:${port}`, { cause: error });
}
