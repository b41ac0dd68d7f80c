import { existsSync } from 'node:fs';
import { endWithStarter } from './packages/testkit/src/end-with-starter.ts';

endWithStarter();

const setup = '<rootDir>/packages/testkit/src/jest-global-setup.ts';
const teardown = '<rootDir>/packages/testkit/src/jest-global-teardown.ts';
const isPresent = (path) => existsSync(path.replace('<rootDir>', import.meta.dirname));

const common = {
  rootDir: import.meta.dirname,
  testEnvironment: '<rootDir>/packages/testkit/src/jest-environment.ts',
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'cjs', 'mjs', 'json', 'node'],
  transform: { '\\.ts$': '<rootDir>/tools/jest/strip-types.cjs' },
  testPathIgnorePatterns: ['/node_modules/', '/\\.tsbuild/', '/\\.data/', '/tools/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/\\.tsbuild/', '<rootDir>/\\.data/'],
};

// Jest runs a project's setup only if one of its tests runs, so unit tests never start Postgres.
const postgres = isPresent(setup) && isPresent(teardown) ? { globalSetup: setup, globalTeardown: teardown } : {};
const kafka = {
  globalSetup: '<rootDir>/packages/testkit/src/jest-kafka-setup.ts',
  globalTeardown: '<rootDir>/packages/testkit/src/jest-kafka-teardown.ts',
};

export default {
  maxWorkers: 2,
  testSequencer: '<rootDir>/tools/jest/longest-first.cjs',
  // Modules of finished test files stay in a worker's heap. One that has grown to 1.3 GB takes longer to end than the 500 ms
  // that Jest allows, which it then reports as a leak of the tests.
  workerIdleMemoryLimit: '512MB',
  // On a quiet machine, as every limit of a test: the environment makes up for what others take of it.
  testTimeout: 30_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: [...common.testPathIgnorePatterns, '\\.(int|e2e|kafka)\\.test\\.ts$'],
    },
    { ...common, ...postgres, displayName: 'int', testMatch: ['**/*.int.test.ts'] },
    { ...common, ...postgres, displayName: 'e2e', testMatch: ['**/*.e2e.test.ts'] },
    {
      ...common,
      ...kafka,
      displayName: 'kafka',
      testMatch: ['**/*.kafka.test.ts', '**/apps/standalone/test/system.e2e.test.ts'],
      globals: { crossdeskLog: 'kafka' },
      setupFilesAfterEnv: ['<rootDir>/packages/testkit/src/jest-kafka-retry.ts'],
    },
  ],
};
