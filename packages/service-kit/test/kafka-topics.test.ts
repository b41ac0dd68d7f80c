import { describe, expect, test } from '@jest/globals';
import { topicNames, topics } from '@crossdesk/contracts';
import { planTopics, type TopicState, wantedTopics } from '../src/broker/kafka-topics.ts';

const wanted: TopicState = { name: 'a', partitions: 6, config: { 'retention.ms': '1000', 'cleanup.policy': 'delete' } };

describe('a plan of topics', () => {
  test('creates missing topics and does not change correct ones or those of others', () => {
    expect(planTopics([wanted], [], 3)).toEqual([
      { kind: 'create', name: 'a', topic: wanted, replicas: 3, risk: null },
    ]);
    expect(planTopics([wanted], [wanted, { name: 'theirs', partitions: 1, config: {} }], 3)).toEqual([]);
  });

  test('more partitions are a risk, since keys move; fewer are impossible', () => {
    expect(planTopics([wanted], [{ ...wanted, partitions: 4 }], 1)).toEqual([
      { kind: 'grow', name: 'a', from: 4, to: 6, risk: expect.stringContaining('order breaks') },
    ]);
    expect(planTopics([wanted], [{ ...wanted, partitions: 8 }], 1)).toEqual([
      { kind: 'impossible', name: 'a', risk: null, reason: expect.stringContaining('has 8 partitions') },
    ]);
  });

  test.each([
    ['2000', true],
    ['-1', true],
    ['500', false],
  ])('a retention of %s ms before makes the change risky: %s', (before, isRisky) => {
    const found = { ...wanted, config: { ...wanted.config, 'retention.ms': before } };
    const [step] = planTopics([wanted], [found], 1);
    expect(step).toMatchObject({ kind: 'configure', changes: { 'retention.ms': { from: before, to: '1000' } } });
    expect(step?.risk !== null).toBe(isRisky);
  });

  test('the registry defines every topic, with the prefix and its retention', () => {
    const all = wantedTopics('staging.');
    expect(all.map(({ name }) => name)).toEqual(topicNames.map((name) => `staging.${name}`));
    const [first] = all;
    const days = topics[topicNames[0] ?? 'ingest.inbound'].retentionDays;
    expect(first?.config['retention.ms']).toBe(String(days * 24 * 60 * 60 * 1_000));
  });
});
