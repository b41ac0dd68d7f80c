import { createLog, openTopicAdmin, type TopicStep } from '@crossdesk/service-kit';
import type { TopicsConfig } from './config.ts';

/**
 * Shows the steps that bring the topics of the cluster in line with the registry, and with `apply` performs them. A step
 * that could lose records or their order is only performed when its risk is accepted.
 * @throws Error with the reason when nothing was done
 */
export async function applyTopics({ kafka, isApplied, acceptsRisk }: TopicsConfig, say: (line: string) => void) {
  const admin = await openTopicAdmin(kafka, createLog('topics', 'error'));
  try {
    const steps = await admin.plan();
    if (steps.length === 0) return say('the topics are up to date');
    for (const step of steps) say(sentenceOf(step));
    if (!isApplied) return say('nothing was done: run the command again with `apply`');
    const risky = steps.filter(({ risk }) => risk !== null);
    if (risky.length > 0 && !acceptsRisk) {
      const names = risky.map(({ name }) => name).join(', ');
      throw new Error(`nothing was done: ${names} cannot be changed without a risk; add --accept-risk to accept it`);
    }
    await admin.apply(steps);
    say(`done: ${steps.length} of ${steps.length}`);
  } finally {
    await admin.close();
  }
}

function sentenceOf(step: TopicStep): string {
  const risk = step.risk === null ? '' : `\n  RISK: ${step.risk}`;
  switch (step.kind) {
    case 'create': {
      const { partitions, config } = step.topic;
      const settings = Object.entries(config).map(([name, value]) => `${name}=${value}`);
      return `create ${step.name}: ${partitions} partitions, ${step.replicas} replicas, ${settings.join(', ')}`;
    }
    case 'grow':
      return `grow ${step.name} from ${step.from} to ${step.to} partitions${risk}`;
    case 'configure': {
      const changes = Object.entries(step.changes).map(([name, { from, to }]) => `${name} ${from ?? 'unset'} -> ${to}`);
      return `configure ${step.name}: ${changes.join(', ')}${risk}`;
    }
    case 'impossible':
      return `IMPOSSIBLE ${step.name}: ${step.reason}`;
  }
}
