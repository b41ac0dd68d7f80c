import { newId } from '@crossdesk/contracts';
import { type Broker, openKafkaBroker, openTopicAdmin } from '../../src/index.ts';
import { createLog } from '../../src/runtime/log.ts';

const log = createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent');

/** Separate topics on the given cluster, and a function that opens the log on them, once for each process. */
export async function openKafkaLog(
  brokers: readonly string[],
  options: { readonly sessionTimeoutMs?: number; readonly silentMsMax?: number; readonly memberName?: string } = {},
  prefix = `${newId()}.`,
): Promise<() => Broker> {
  const cluster = { brokers, prefix, ssl: false, sasl: null };
  const admin = await openTopicAdmin(cluster, log);
  await admin.apply(await admin.plan());
  await admin.close();
  return () => openKafkaBroker({ sessionTimeoutMs: 3_000, ...options, ...cluster, log });
}
