import { embeddedLogSchema, prepareSchema, serviceUrl } from '../db/migrate.ts';
import type { Keys } from '../runtime/keys.ts';
import type { Logger } from '../runtime/log.ts';
import type { Broker } from './broker.port.ts';
import { openEmbeddedBroker } from './embedded.ts';
import { openKafkaBroker } from './kafka.ts';
import type { KafkaOptions } from './kafkajs.ts';

/** The log of an installation: Kafka, or the embedded one, whose schema is brought up to date first. */
export async function openBroker(options: {
  readonly kafka: KafkaOptions | null;
  readonly databaseUrl: string;
  readonly keys: Keys;
  readonly log: Logger;
}): Promise<Broker> {
  const { kafka, databaseUrl, keys, log } = options;
  if (kafka !== null) return openKafkaBroker({ ...kafka, log });
  await prepareSchema(databaseUrl, keys, embeddedLogSchema);
  return openEmbeddedBroker({ databaseUrl: serviceUrl(databaseUrl, keys, embeddedLogSchema.service, 'worker'), log });
}
