import { topicNames, topics } from '@crossdesk/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../runtime/log.ts';
import { type Admin, createKafkaClients, type KafkaOptions, readTopicConfigs, writeTopicConfig } from './kafkajs.ts';

/** A topic as the registry in contracts defines it, or as the cluster has it. */
export interface TopicState {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

interface Change {
  readonly from: string | null;
  readonly to: string;
}

/** `risk` says what a step could cost; a step with a risk is only done on demand. */
export type TopicStep = { readonly name: string; readonly risk: string | null } & (
  | { readonly kind: 'create'; readonly topic: TopicState; readonly replicas: number }
  | { readonly kind: 'grow'; readonly from: number; readonly to: number }
  | { readonly kind: 'configure'; readonly changes: Readonly<Record<string, Change>> }
  | { readonly kind: 'impossible'; readonly reason: string }
);

const dayMs = 86_400_000;
const triesMax = 100;
const pauseMs = 200;
const retention = 'retention.ms';
const configNames = [retention, 'cleanup.policy'];

/** Every topic of the registry, with the settings it needs. */
export function wantedTopics(prefix: string): TopicState[] {
  return topicNames.map((name) => ({
    name: `${prefix}${name}`,
    partitions: topics[name].partitions,
    config: { [retention]: String(topics[name].retentionDays * dayMs), 'cleanup.policy': 'delete' },
  }));
}

/** The steps that make the cluster match the registry. Topics that the registry does not name are not changed. */
export function planTopics(wanted: readonly TopicState[], found: readonly TopicState[], replicas: number): TopicStep[] {
  return wanted.flatMap((topic): TopicStep[] => {
    const present = found.find(({ name }) => name === topic.name);
    if (present === undefined) return [{ kind: 'create', name: topic.name, topic, replicas, risk: null }];
    return [...partitionSteps(topic, present), ...configSteps(topic, present)];
  });
}

function partitionSteps({ name, partitions: to }: TopicState, { partitions: from }: TopicState): TopicStep[] {
  if (to === from) return [];
  if (to < from) {
    const reason = `it has ${from} partitions and Kafka cannot remove any: create a new topic, or restore the number in the registry`;
    return [{ kind: 'impossible', name, reason, risk: null }];
  }
  const risk =
    'keys move to other partitions, and order breaks for records not consumed yet: stop the relays, let lag go to 0';
  return [{ kind: 'grow', name, from, to, risk }];
}

function configSteps({ name, config: wanted }: TopicState, { config: found }: TopicState): TopicStep[] {
  const changes = Object.fromEntries(
    Object.entries(wanted)
      .filter(([key, to]) => found[key] !== to)
      .map(([key, to]) => [key, { from: found[key] ?? null, to }]),
  );
  if (Object.keys(changes).length === 0) return [];
  const kept = changes[retention];
  const isShorter = kept?.from != null && (Number(kept.from) === -1 || Number(kept.to) < Number(kept.from));
  return [
    { kind: 'configure', name, changes, risk: isShorter ? 'records older than the new retention are dropped' : null },
  ];
}

export interface TopicAdmin {
  plan(): Promise<TopicStep[]>;
  /** Executes the steps in order. @throws before the first one if any of them is impossible */
  apply(steps: readonly TopicStep[]): Promise<void>;
  /** The settings of a topic itself. */
  settingsOf(topic: string): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/**
 * Compares the cluster with the registry and makes it match. New topics get three replicas if there are three brokers.
 */
export async function openTopicAdmin(options: KafkaOptions, log: Logger): Promise<TopicAdmin> {
  const admin = createKafkaClients(options, log).admin();
  await admin.connect();
  return {
    async plan() {
      const { brokers } = await admin.describeCluster();
      const wanted = wantedTopics(options.prefix);
      return planTopics(wanted, await findTopics(admin, wanted), Math.min(3, brokers.length));
    },
    async apply(steps) {
      const impossible = steps.find((step) => step.kind === 'impossible');
      if (impossible?.kind === 'impossible') throw new Error(`${impossible.name}: ${impossible.reason}`);
      for (const step of steps) await doStep(admin, step);
      await waitForLeaders(
        admin,
        steps.map(({ name }) => name),
      );
    },
    settingsOf: async (topic) => (await readTopicConfigs(admin, [topic], [])).get(topic)?.own ?? {},
    close: () => admin.disconnect(),
  };
}

async function findTopics(admin: Admin, wanted: readonly TopicState[]): Promise<TopicState[]> {
  const there = new Set(await admin.listTopics());
  const names = wanted.map(({ name }) => name).filter((name) => there.has(name));
  if (names.length === 0) return [];
  const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
  const configs = await readTopicConfigs(admin, names, configNames);
  return found.map(({ name, partitions }) => ({
    name,
    partitions: partitions.length,
    config: configs.get(name)?.effective ?? {},
  }));
}

async function doStep(admin: Admin, step: TopicStep): Promise<void> {
  switch (step.kind) {
    case 'create': {
      const { name, partitions, config } = step.topic;
      const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
      const topic = { topic: name, numPartitions: partitions, replicationFactor: step.replicas, configEntries };
      await admin.createTopics({ waitForLeaders: false, topics: [topic] });
      return;
    }
    case 'grow':
      await admin.createPartitions({ topicPartitions: [{ topic: step.name, count: step.to }] });
      return;
    case 'configure':
      await configure(admin, step.name, step.changes);
      return;
    case 'impossible':
      return;
  }
}

/** New topics reach the brokers one after another: they are ready when every partition has a leader. */
async function waitForLeaders(admin: Admin, names: string[]): Promise<void> {
  for (let tries = 1; names.length > 0; tries += 1) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (tries === triesMax) throw error;
    }
    if (tries === triesMax) throw new Error('the new topics have no leaders yet: check the brokers, then run it again');
    await pause(pauseMs);
  }
}

async function configure(admin: Admin, name: string, changes: Readonly<Record<string, Change>>): Promise<void> {
  const found = (await readTopicConfigs(admin, [name], configNames)).get(name);
  const changed = Object.fromEntries(Object.entries(changes).map(([key, { to }]) => [key, to]));
  // Settings that operators made by hand stay.
  await writeTopicConfig(admin, name, { ...found?.own, ...changed });
  // The controller has the settings; the brokers, which answer queries, receive them a moment later.
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const own = (await readTopicConfigs(admin, [name], [])).get(name)?.own ?? {};
    if (Object.entries(changed).every(([key, to]) => own[key] === to)) return;
    await pause(pauseMs);
  }
  throw new Error(`${name} does not show its new settings yet: check the brokers, then run it again`);
}
