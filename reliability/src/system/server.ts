import { startLocalPostgres } from '@crossdesk/local-postgres';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Proxy, startProxy } from './proxy.ts';
import { withClient } from './with-client.ts';

/** The Postgres of the harness. The system reaches it through a proxy, the checkers directly. */
export interface Server {
  /** The address for the system: through the proxy. */
  urlOf(database: string): string;
  /** The address for the harness: without the proxy and its faults. */
  directUrlOf(database: string): string;
  /** Makes an empty database and returns its name. */
  newDatabase(): Promise<string>;
  readonly proxy: Proxy;
  /** Restarts like after a crash of the server: open transactions and memory are lost, and the write-ahead log is replayed. */
  restartImmediately(): Promise<void>;
  /** Starts it again if it has ended, and returns whether it had. @throws LocalPostgresError when it cannot be started now */
  startIfEnded(): Promise<boolean>;
  stop(): Promise<void>;
}

let databases = 0;

export interface ServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Where its folder is made; by default in the folder for temporary files. */
  readonly parent?: string;
}

export async function startServer({ settings = {}, parent = tmpdir() }: ServerOptions = {}): Promise<Server> {
  const directory = mkdtempSync(join(parent, 'crossdesk-reliability-'));
  chmodSync(directory, 0o755);
  let postgres = await startLocalPostgres({ directory, settings });
  const stopNow = (): void => void postgres.stop('immediate');
  // The server ends with the harness; on exit only synchronous work is possible, and `stop` does it synchronously.
  process.on('exit', stopNow);
  const portNow = (): number => Number(new URL(postgres.urlOf('postgres')).port);
  const proxy = await startProxy(portNow);
  // A restarted server has another port; behind this proxy the address of the harness stays the same.
  const ownProxy = await startProxy(portNow);
  const urlAt = (database: string, port: number): string => {
    const url = new URL(postgres.urlOf(database));
    url.port = String(port);
    return url.toString();
  };
  return {
    proxy,
    directUrlOf: (database) => urlAt(database, ownProxy.port),
    urlOf: (database) => urlAt(database, proxy.port),
    newDatabase: async () => {
      databases += 1;
      const name = `run_${process.pid}_${databases}`;
      await withClient(postgres.urlOf('postgres'), (client) =>
        client.query(`create database ${name} template template0`),
      );
      return name;
    },
    restartImmediately: async () => {
      await postgres.stop('immediate');
      postgres = await startLocalPostgres({ directory, settings });
    },
    startIfEnded: async () => {
      postgres = await startLocalPostgres({ directory, settings });
      return !postgres.wasRunning;
    },
    stop: async () => {
      await proxy.close();
      await ownProxy.close();
      process.off('exit', stopNow);
      await postgres.remove();
    },
  };
}
