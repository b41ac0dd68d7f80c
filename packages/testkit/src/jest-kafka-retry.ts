import { jest } from '@jest/globals';

// A real broker on a shared machine is late now and then: a test gets a second try, and the last lines of `pnpm test` tell
// which and why.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
