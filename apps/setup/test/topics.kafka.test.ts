import { describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { createLog, openTopicAdmin } from '@crossdesk/service-kit';
import { testKafka } from '@crossdesk/testkit';
import { readTopicsConfig } from '../src/config.ts';
import { applyTopics } from '../src/topics.ts';

const { brokers, reason } = testKafka();
const describeKafka = reason === null ? describe : describe.skip;

describeKafka(`topics on a cluster${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  const environment = { KAFKA_BROKERS: brokers.join(','), KAFKA_TOPIC_PREFIX: `${newId()}.` };

  async function run(...args: string[]): Promise<string> {
    const lines: string[] = [];
    await applyTopics(readTopicsConfig(args, environment), (line) => void lines.push(line));
    return lines.join('\n');
  }

  test('the plan is shown first, apply performs it, and nothing is left to do afterwards', async () => {
    const plan = await run();
    expect(plan).toContain(`create ${environment.KAFKA_TOPIC_PREFIX}ingest.inbound: 6 partitions`);
    expect(plan).toContain('nothing was done');
    expect(await run()).toBe(plan);
    expect(await run('apply')).toMatch(/done: (\d+) of \1$/);
    expect(await run('apply')).toBe('the topics are up to date');
  });

  test('a shorter retention is refused until its risk is accepted; other settings of operators stay', async () => {
    const { kafka } = readTopicsConfig([], environment);
    const admin = await openTopicAdmin(kafka, createLog('test', 'silent'));
    const name = `${kafka.prefix}ingest.account`;
    const longer = { 'retention.ms': { from: null, to: '-1' }, 'max.message.bytes': { from: null, to: '2000000' } };
    await admin.apply([{ kind: 'configure', name, changes: longer, risk: null }]);
    await expect(run('apply')).rejects.toThrow(/nothing was done: .*ingest\.account.*--accept-risk/);
    expect(await run('apply', '--accept-risk')).toContain('RISK: records older than the new retention are dropped');
    expect(await run()).toBe('the topics are up to date');
    expect(await admin.settingsOf(name)).toMatchObject({ 'max.message.bytes': '2000000' });
    await admin.close();
  });
});

describe('the command line', () => {
  test.each([['plan'], ['apply', '--force'], ['apply', 'now']])('%s %s is refused with the usage', (...args) => {
    expect(() => readTopicsConfig(args, { KAFKA_BROKERS: 'localhost:9092' })).toThrow(/topics takes no argument/);
  });

  test('the command needs brokers', () => {
    expect(() => readTopicsConfig([], {})).toThrow(/KAFKA_BROKERS is not set/);
  });
});
