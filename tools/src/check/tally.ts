/** The numbers a step adds to the last line of the report. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Titles of tests that did not run. */
  readonly skipped: readonly string[];
  /** Tests that passed at the second attempt, each with the error of the first. */
  readonly retried: readonly string[];
}

/** The parts of Jest's JSON report that are read here. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly retryReasons?: readonly string[];
    }[];
  }[];
}

function isJestReport(value: unknown): value is JestReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    'numPassedTests' in value &&
    typeof value.numPassedTests === 'number' &&
    'numFailedTests' in value &&
    typeof value.numFailedTests === 'number' &&
    'numRuntimeErrorTestSuites' in value &&
    typeof value.numRuntimeErrorTestSuites === 'number' &&
    'testResults' in value &&
    Array.isArray(value.testResults)
  );
}

const failedStep: Tally = { passed: 0, failed: 1, skipped: [], retried: [] };

/** A checking tool counts as one test. */
export function tallyOfTool(exitCode: number): Tally {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: [], retried: [] } : failedStep;
}

/**
 * Counts the tests of a Jest run. A file that could not be loaded is one failure. A run without a report, without a
 * single test, or with an exit code that its tests do not explain (an open handle, a failed teardown) is a failure too.
 */
export function tallyOfJest(exitCode: number, report: string | null): Tally {
  const parsed: unknown = report === null ? null : JSON.parse(report);
  if (!isJestReport(parsed)) return failedStep;
  const failed = parsed.numFailedTests + parsed.numRuntimeErrorTestSuites;
  const tests = parsed.testResults.flatMap((file) => file.assertionResults);
  const skipped = tests.filter(({ status }) => status === 'pending' || status === 'todo').map((test) => test.fullName);
  const retried = tests.flatMap(({ status, fullName, retryReasons: [reason] = [] }) =>
    status === 'passed' && reason !== undefined ? [`${fullName}: ${withoutStack(reason)}`] : [],
  );
  const isUnexplained = failed === 0 && (exitCode !== 0 || parsed.numPassedTests === 0);
  return { passed: parsed.numPassedTests, failed: isUnexplained ? 1 : failed, skipped, retried };
}

function withoutStack(error: string): string {
  return error.replace(/\n +at .*/s, '').replaceAll(/\s+/g, ' ');
}

/** The tests of all steps together. */
export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((count, tally) => count + tally.passed, 0),
    failed: tallies.reduce((count, tally) => count + tally.failed, 0),
    skipped: tallies.flatMap((tally) => tally.skipped),
    retried: tallies.flatMap((tally) => tally.retried),
  };
}

/** The last line of the report. A second attempt is no failure, but must be visible, because it may hide a rare one. */
export function lastLine({ passed, failed, retried }: Tally): string {
  return `${passed} passed, ${failed} failed${retried.length === 0 ? '' : ` (${retried.length} passed at the second try)`}`;
}

/** A skipped test says why in its title: `... (skipped: no Kafka answers)`. */
export function skippedLine(title: string): string {
  const hasReason = /\(skipped: .+\)/.test(title);
  return `skipped: ${title}${hasReason ? '' : ' (no reason given: add "(skipped: why)" to the title)'}`;
}
