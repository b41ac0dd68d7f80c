import { jest } from '@jest/globals';

// A real broker on a shared machine is late now and then: a test gets a second try, and the report shows what the first one met.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
