import { type TopicName, topics } from '@crossdesk/contracts';
import { createLog, openReaderAdmin } from '@crossdesk/service-kit';
import { randomBytes } from 'node:crypto';
import type { IntegratorConfig } from './config.ts';

const passwordBytes = 24;

/** The prefix of an integrator's consumer groups keeps them apart from those of the services and of other integrators. */
function groupPrefixOf(name: string, prefix: string): string {
  return `${prefix}integrator.${name}.`;
}

/**
 * Creates the user of an integrator, who may only read the given topics in its own groups, or removes that user.
 * The password is shown once and stored only as a hash in Kafka.
 * @throws Error with the reason when nothing was done
 */
export async function changeIntegrator(config: IntegratorConfig, say: (line: string) => void): Promise<void> {
  const { kafka, name } = config;
  const admin = await openReaderAdmin(kafka, createLog('integrator', 'error'));
  try {
    if (config.verb === 'remove') {
      await admin.remove(name);
      return say(`${name} can no longer read`);
    }
    const password = randomBytes(passwordBytes).toString('base64url');
    const groupPrefix = groupPrefixOf(name, kafka.prefix);
    const readable = config.topics.map((topic) => `${kafka.prefix}${topic}`);
    await admin.add({ name, password, topics: readable, groupPrefix });
    for (const topic of config.topics) say(`may read ${kafka.prefix}${topic}${personal(topic)}`);
    say(`in groups whose names begin with ${groupPrefix}`);
    say(`KAFKA_BROKERS=${config.publicAddress}`);
    say('KAFKA_SASL_MECHANISM=scram-sha-512');
    say(`KAFKA_SASL_USERNAME=${name}`);
    say(`KAFKA_SASL_PASSWORD=${password}`);
  } finally {
    await admin.close();
  }
}

function personal(topic: TopicName): string {
  return topics[topic].personalData ? ' (personal data: docs/integrate.md names the duties)' : '';
}
