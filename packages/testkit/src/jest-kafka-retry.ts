import { jest } from '@jest/globals';

// A real broker on a shared machine is sometimes late: a test gets a second attempt, and the last lines of `pnpm test`
// say which tests needed it and why.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
