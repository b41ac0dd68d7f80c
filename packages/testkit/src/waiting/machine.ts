/** What is being waited for, and how far it came. */
export interface Wait {
  says(): string;
}

/** What tests know of the machine they run on. */
export interface Machine {
  /** Milliseconds that a quiet machine would not have needed so far: other processes had the processors. It only grows. */
  lostMs(): number;
  /** What the tests of this file wait for now. */
  readonly waits: Set<Wait>;
}

/** Where the Jest environment leaves the machine for the test files. */
export const machineKey = Symbol.for('crossdesk.machine');

/** Outside of Jest nobody measures: then the machine counts as quiet. */
const unmeasured: Machine = { lostMs: () => 0, waits: new Set() };

export function thisMachine(): Machine {
  const found: unknown = Reflect.get(globalThis, machineKey);
  return isMachine(found) ? found : unmeasured;
}

function isMachine(value: unknown): value is Machine {
  return typeof value === 'object' && value !== null && 'lostMs' in value && 'waits' in value;
}
