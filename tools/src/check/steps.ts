import { totalmem } from 'node:os';

export interface Step {
  readonly name: string;
  /** Arguments to Node. */
  readonly command: readonly string[];
  /** `jest`: every test counts, read from the report of Jest; `tool`: the step counts as one test. */
  readonly counts: 'tool' | 'jest';
  /** Cheap steps run two at a time, the others alone: each of them uses both cores or a Postgres of its own. */
  readonly isCheap: boolean;
}

const bin = {
  prettier: 'node_modules/prettier/bin/prettier.cjs',
  oxlint: 'node_modules/oxlint/bin/oxlint',
  tsc: 'node_modules/typescript/bin/tsc',
  knip: 'node_modules/knip/bin/knip.js',
  jest: 'node_modules/jest/bin/jest.js',
  generate: 'tools/src/generate.ts',
  supplyChain: 'tools/src/supply-chain/main.ts',
};

function cheap(name: string, ...command: string[]): Step {
  return { name, command, counts: 'tool', isCheap: true };
}

function drift(part: string, isCheap: boolean): Step {
  return { name: `drift:${part}`, command: [bin.generate, '--check', part], counts: 'tool', isCheap };
}

/** A third worker, where the machine has the memory for it, uses what the others leave while they wait for processes. */
const patientWorkers = totalmem() > 12 * 1024 ** 3 ? 3 : 2;

function tests(project: string, workers = 2): Step {
  const jest = ['--experimental-vm-modules', '--no-warnings', bin.jest];
  const command = [...jest, '--selectProjects', project, `--maxWorkers=${workers}`];
  return { name: project, command, counts: 'jest', isCheap: false };
}

/** The steps of `pnpm test`, in the order of the report. The import rules are part of `unit`. */
export const steps: readonly Step[] = [
  cheap('format', bin.prettier, '--check', '.', '--log-level', 'warn'),
  cheap('lint', bin.oxlint, '--type-aware', '--deny-warnings'),
  cheap('types', bin.tsc, '-b'),
  cheap('unused', bin.knip, '--no-progress'),
  cheap('licences', bin.supplyChain),
  drift('capabilities', true),
  drift('channels', true),
  drift('contracts', true),
  drift('graphql', true),
  drift('lint', true),
  drift('observe', true),
  drift('twin', true),
  drift('db', false),
  tests('unit'),
  tests('int'),
  tests('e2e', patientWorkers),
  tests('kafka', patientWorkers),
];
