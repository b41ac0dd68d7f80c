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

/** Jest's own limit, which knows nothing of the machine, is so many times the one of the test. */
const backstop = 30;

/** One for this process: each test file has an environment of its own. */
const lostMs = measureLostTime();
endWithStarter();

/**
 * Node, with limits in time of a quiet machine: what other processes took of it does not count, also when they come while a
 * test runs. A test or hook that does not end in time says what it waits for.
 */
export default class PatientEnvironment extends TestEnvironment {
  readonly #machine: Machine = { lostMs, waits: new Set() };
  readonly #limited = new WeakSet<Runnable>();

  override async setup(): Promise<void> {
    await super.setup();
    Reflect.set(this.global, machineKey, this.#machine);
  }

  handleTestEvent({ name, test, hook }: RunEvent, state: { readonly testTimeout: number }): void {
    // What a test that failed still waits for says nothing about the next one.
    if (name === 'test_start') this.#machine.waits.clear();
    const starting = name === 'test_fn_start' ? test : name === 'hook_start' ? hook : undefined;
    const run = starting?.fn;
    // Who takes a callback ends when that is called: nothing here can wait for it.
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

/** What a test returned, as it is; of a promise, one that rejects when it does not settle in time. */
function inTime(returned: unknown, { limitMs, machine, asyncError }: Limit): unknown {
  if (!isPromise(returned)) return returned;
  const watch = startStopwatch(machine);
  const over = Promise.withResolvers<never>();
  const cancel = afterQuiet(limitMs, watch, () => {
    const open = [...machine.waits].map((wait) => `\n  ${wait.says()}`);
    const waits = open.length === 0 ? 'It waits for nothing that says so.' : `It waits:${open.join('')}`;
    // It shows where the test stands in its file: the place where it hangs cannot be found.
    over.reject(lateError(`not over after ${watch.says()}, the limit is ${limitMs / 1_000} s. ${waits}`, asyncError));
  });
  return Promise.race([returned, over.promise]).finally(cancel);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
