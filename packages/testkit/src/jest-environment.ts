import { TestEnvironment } from 'jest-environment-node';
import { endWithStarter } from './end-with-starter.ts';
import { lateError } from './waiting/late-error.ts';
import { measureLostTime } from './waiting/lost-time.ts';
import { type Machine, machineKey } from './waiting/machine.ts';
import { afterQuiet, startStopwatch } from './waiting/stopwatch.ts';

/** A test or a hook, as Jest hands it to an environment. */
interface Runnable {
  fn?: ((this: unknown) => unknown) | undefined;
  timeout?: number | undefined;
  readonly asyncError: { readonly stack?: string };
}

interface RunEvent {
  readonly name: string;
  readonly test?: Runnable;
  readonly hook?: Runnable;
}

/** Jest's own limit, which does not consider the machine, is this many times the limit of the test. */
const backstop = 30;

/** One for this process: each test file has its own environment. */
const lostMs = measureLostTime();
endWithStarter();

/**
 * Node, with limits in the time of a quiet machine: time that other processes took does not count, even if they start
 * while a test runs. A test or hook that does not end in time lists what it waits for.
 */
export default class PatientEnvironment extends TestEnvironment {
  readonly #machine: Machine = { lostMs, waits: new Set() };
  readonly #limited = new WeakSet<Runnable>();

  override async setup(): Promise<void> {
    await super.setup();
    Reflect.set(this.global, machineKey, this.#machine);
  }

  handleTestEvent({ name, test, hook }: RunEvent, state: { readonly testTimeout: number }): void {
    // The open waits of a failed test say nothing about the next one.
    if (name === 'test_start') this.#machine.waits.clear();
    const starting = name === 'test_fn_start' ? test : name === 'hook_start' ? hook : undefined;
    const run = starting?.fn;
    // A test with a callback ends when the callback is called: it cannot be awaited here.
    if (starting === undefined || run === undefined || run.length > 0 || this.#limited.has(starting)) return;
    this.#limited.add(starting);
    const limitMs = starting.timeout ?? state.testTimeout;
    const { asyncError } = starting;
    const machine = this.#machine;
    starting.timeout = limitMs * backstop;
    starting.fn = function (this: unknown) {
      return inTime(run.call(this), { limitMs, machine, asyncError });
    };
  }
}

interface Limit {
  readonly limitMs: number;
  readonly machine: Machine;
  readonly asyncError: Runnable['asyncError'];
}

/** The result of a test, unchanged; a promise is replaced by one that rejects if it does not settle in time. */
function inTime(returned: unknown, { limitMs, machine, asyncError }: Limit): unknown {
  if (!isPromise(returned)) return returned;
  const watch = startStopwatch(machine);
  const over = Promise.withResolvers<never>();
  const cancel = afterQuiet(limitMs, watch, () => {
    const open = [...machine.waits].map((wait) => `\n  ${wait.says()}`);
    const waits = open.length === 0 ? 'It waits for nothing that says so.' : `It waits:${open.join('')}`;
    // The stack shows the test in its file: the exact line where it hangs is unknown.
    over.reject(lateError(`not over after ${watch.says()}, the limit is ${limitMs / 1_000} s. ${waits}`, asyncError));
  });
  return Promise.race([returned, over.promise]).finally(cancel);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
