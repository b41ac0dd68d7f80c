import { type AnyEvent, decodeEvent, newId, type TopicName, topicOf } from '@crossdesk/contracts';
import { createLog, openKafkaBroker, openTopicAdmin } from '@crossdesk/service-kit';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';

const topic = 'conversation.conversation' satisfies TopicName;

const folder = join(root, 'packages/contracts/samples');
const samples = readdirSync(folder)
  .map((file) => decodeEvent(readFileSync(join(folder, file))))
  .filter(({ type }) => topicOf(type) === topic);

/** The published samples of the topic, one after the other, as the history of each key. */
export function eventsOf(keys: readonly string[], from: number, to: number): AnyEvent[] {
  const steps = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return steps.flatMap((step) => keys.map((key) => sampleOf(key, step)));
}

export function sampleOf(key: string, step: number): AnyEvent {
  const sample = samples[step % samples.length];
  if (sample === undefined) throw new Error(`no sample of ${topic}`);
  return { ...sample, id: newId(), aggregateId: key, aggregateVersion: step };
}

/** The topic under its own prefix, and the services' driver to write to it. */
export async function openTopic(brokers: readonly string[]) {
  const cluster = { brokers, prefix: `${newId()}.`, ssl: false, sasl: null };
  const log = createLog('test', 'silent');
  const admin = await openTopicAdmin(cluster, log);
  const name = `${cluster.prefix}${topic}`;
  await admin.apply((await admin.plan()).filter((step) => step.name === name));
  await admin.close();
  const broker = openKafkaBroker({ ...cluster, log });
  const publish = (key: string, value: string) => broker.publish([{ topic, key, value, headers: {} }]);
  return {
    name,
    publish,
    publishEvents: (events: readonly AnyEvent[]) =>
      broker.publish(
        events.map((event) => ({ topic, key: event.aggregateId, value: JSON.stringify(event), headers: {} })),
      ),
    close: () => broker.close(),
  };
}
