import { embeddedLogSchema, prepareSchema, serviceUrl } from '../db/migrate.ts';
import type { Logger } from '../runtime/log.ts';
import type { Broker } from './broker.port.ts';
import { openEmbeddedBroker } from './embedded.ts';

/** The log of an installation: brings its schema up to date and opens it. */
export async function openBroker(options: {
  readonly databaseUrl: string;
  readonly master: Buffer;
  readonly log: Logger;
}): Promise<Broker> {
  const { databaseUrl, master, log } = options;
  await prepareSchema(databaseUrl, master, embeddedLogSchema);
  return openEmbeddedBroker({ databaseUrl: serviceUrl(databaseUrl, master, embeddedLogSchema.service, 'worker'), log });
}
