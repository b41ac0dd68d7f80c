import { startLocalPostgres } from '@crossdesk/local-postgres';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Proxy, startProxy } from './proxy.ts';
import { withClient } from './with-client.ts';

/** A Postgres of the harness's own, reached by the system through a proxy and by the checkers directly. */
export interface Server {
  /** Where the system finds the database. */
  urlOf(database: string): string;
  /** Where the harness finds it, past all faults but a restart. */
  directUrlOf(database: string): string;
  /** Makes an empty one and returns its name. */
  newDatabase(): Promise<string>;
  readonly proxy: Proxy;
  /** As a power cut of the server: no transaction ends, memory is lost, the log is replayed at the start. */
  restartImmediately(): Promise<void>;
  /** Starts it again if it has ended by itself, and tells whether it had. @throws LocalPostgresError when it cannot be started now */
  startIfEnded(): Promise<boolean>;
  stop(): Promise<void>;
}

let databases = 0;

export interface ServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Where its folder is made; the folder for temporary files unless told. */
  readonly parent?: string;
}

export async function startServer({ settings = {}, parent = tmpdir() }: ServerOptions = {}): Promise<Server> {
  const directory = mkdtempSync(join(parent, 'crossdesk-reliability-'));
  chmodSync(directory, 0o755);
  let postgres = await startLocalPostgres({ directory, settings });
  const stopNow = (): void => void postgres.stop('immediate');
  // A harness that is ended itself leaves no server behind; stopping it waits for nothing that is asynchronous.
  process.on('exit', stopNow);
  const portNow = (): number => Number(new URL(postgres.urlOf('postgres')).port);
  const proxy = await startProxy(portNow);
  // A server comes back at another port: who has its own proxy need not know.
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
