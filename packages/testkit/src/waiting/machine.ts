/** What is being waited for, and how far it came. */
export interface Wait {
  says(): string;
}

/** The data that tests have about their machine. */
export interface Machine {
  /** Milliseconds lost so far because other processes had the processors; a quiet machine has none. It only grows. */
  lostMs(): number;
  /** What the tests of this file wait for now. */
  readonly waits: Set<Wait>;
}

/** The key under which the Jest environment stores the machine for the test files. */
export const machineKey = Symbol.for('crossdesk.machine');

/** Outside of Jest nothing measures: the machine counts as quiet. */
const unmeasured: Machine = { lostMs: () => 0, waits: new Set() };

export function thisMachine(): Machine {
  const found: unknown = Reflect.get(globalThis, machineKey);
  return isMachine(found) ? found : unmeasured;
}

function isMachine(value: unknown): value is Machine {
  return typeof value === 'object' && value !== null && 'lostMs' in value && 'waits' in value;
}
