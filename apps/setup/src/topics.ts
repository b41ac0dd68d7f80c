import { createLog, openTopicAdmin, type TopicStep } from '@crossdesk/service-kit';
import type { TopicsConfig } from './config.ts';

/**
 * Shows what makes the topics of the cluster as the registry wants them, and with `apply` does it. A step that could cost
 * records or their order is only done when its risk is accepted.
 * @throws Error that says why nothing was done
 */
export async function applyTopics({ kafka, isApplied, acceptsRisk }: TopicsConfig, say: (line: string) => void) {
  const admin = await openTopicAdmin(kafka, createLog('topics', 'error'));
  try {
    const steps = await admin.plan();
    if (steps.length === 0) return say('the topics are as they should be');
    for (const step of steps) say(sentenceOf(step));
    if (!isApplied) return say('nothing was done: run it again with `apply`');
    const risky = steps.filter(({ risk }) => risk !== null);
    if (risky.length > 0 && !acceptsRisk) {
      const names = risky.map(({ name }) => name).join(', ');
      throw new Error(`nothing was done: ${names} cannot be changed without a risk; add --accept-risk to take it`);
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
