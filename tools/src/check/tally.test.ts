import { expect, test } from '@jest/globals';
import { lastLine, skippedLine, sum, tallyOfJest, tallyOfTool } from './tally.ts';

function report(change: Record<string, unknown> = {}): string {
  return JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    testResults: [],
    ...change,
  });
}

test('a checking tool counts as one test', () => {
  expect(tallyOfTool(0)).toEqual({ passed: 1, failed: 0, skipped: [], retried: [] });
  expect(tallyOfTool(2)).toEqual({ passed: 0, failed: 1, skipped: [], retried: [] });
});

test('failed tests and files that could not be loaded add up', () => {
  const tally = tallyOfJest(1, report({ numFailedTests: 2, numRuntimeErrorTestSuites: 1 }));
  expect(tally).toEqual({ passed: 3, failed: 3, skipped: [], retried: [] });
});

test('a run that exits with an error although every test passed is a failure', () => {
  expect(tallyOfJest(1, report()).failed).toBe(1);
});

test('a run without a report is a failure', () => {
  expect(tallyOfJest(0, null)).toEqual({ passed: 0, failed: 1, skipped: [], retried: [] });
});

test('a run without a single test is a failure', () => {
  expect(tallyOfJest(0, report({ numPassedTests: 0 })).failed).toBe(1);
});

test('skipped tests are named with their reason', () => {
  const assertionResults = [
    { fullName: 'broker on Kafka (skipped: no Kafka answers)', status: 'pending' },
    { fullName: 'chart (skipped: no Helm) fits', status: 'pending' },
    { fullName: 'later', status: 'todo' },
    { fullName: 'works', status: 'passed' },
  ];
  const { skipped } = tallyOfJest(0, report({ testResults: [{ name: 'broker.int.test.ts', assertionResults }] }));
  expect(skipped.map(skippedLine)).toEqual([
    'skipped: broker on Kafka (skipped: no Kafka answers)',
    'skipped: chart (skipped: no Helm) fits',
    'skipped: later (no reason given: add "(skipped: why)" to the title)',
  ]);
});

test('a test that passed at the second attempt is listed with the error of the first, and counted in the last line', () => {
  const assertionResults = [
    {
      fullName: 'rebalance keeps the order',
      status: 'passed',
      retryReasons: ['Error: not in time\n\nReceived: 1\n    at x.ts:1\n    at y.ts:2'],
    },
    { fullName: 'works', status: 'passed', retryReasons: [] },
    { fullName: 'fails', status: 'failed', retryReasons: ['Error: again'] },
  ];
  const tally = tallyOfJest(0, report({ testResults: [{ name: 'broker.kafka.test.ts', assertionResults }] }));
  expect(tally.retried).toEqual(['rebalance keeps the order: Error: not in time Received: 1']);
  expect(lastLine(tally)).toBe('3 passed, 0 failed (1 passed at the second try)');
});

test('the last line adds up all steps', () => {
  const tallies = [tallyOfTool(0), tallyOfTool(1), tallyOfJest(0, report())];
  expect(lastLine(sum(tallies))).toBe('4 passed, 1 failed');
});
