import { type TopicName, topics } from '@crossdesk/contracts';
import { createLog, openReaderAdmin } from '@crossdesk/service-kit';
import { randomBytes } from 'node:crypto';
import type { IntegratorConfig } from './config.ts';

const passwordBytes = 24;

/** What the names of an integrator's consumer groups begin with: apart from those of the services and of others. */
function groupPrefixOf(name: string, prefix: string): string {
  return `${prefix}integrator.${name}.`;
}

/**
 * Makes the user of an integrator, who may read the given topics in groups of its own and do nothing else, or takes it
 * away. The password is shown once and kept nowhere but, hashed, in Kafka.
 * @throws Error that says why nothing was done
 */
export async function changeIntegrator(config: IntegratorConfig, say: (line: string) => void): Promise<void> {
  const { kafka, name } = config;
  const admin = await openReaderAdmin(kafka, createLog('integrator', 'error'));
  try {
    if (config.verb === 'remove') {
      await admin.remove(name);
      return say(`${name} can read no more`);
    }
    const password = randomBytes(passwordBytes).toString('base64url');
    const groupPrefix = groupPrefixOf(name, kafka.prefix);
    const readable = config.topics.map((topic) => `${kafka.prefix}${topic}`);
    await admin.add({ name, password, topics: readable, groupPrefix });
    for (const topic of config.topics) say(`may read ${kafka.prefix}${topic}${personal(topic)}`);
    say(`in groups whose names begin with ${groupPrefix}`);
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
