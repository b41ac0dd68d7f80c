import { afterEach, expect, test } from '@jest/globals';
import { eventually, startStopwatch } from '@crossdesk/testkit';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ConfigError, readEnvironment } from '../src/runtime/config.ts';
import { createLog } from '../src/runtime/log.ts';
import type { Stoppable } from '../src/runtime/shutdown.ts';
import { traced, tracedEach } from '../src/runtime/spans.ts';
import { startTracing, tracingIn, tracingVariables } from '../src/runtime/tracing.ts';
import { Type } from '@sinclair/typebox';

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const spec = { name: 'work', kind: 'server' } as const;
/** Nothing listens at port 1. */
const nowhere = { endpoint: 'http://127.0.0.1:1', sampledShare: 1 };

let running: Stoppable | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

test('an unreachable collector costs one log line, no work, and at most two seconds of the stop', async () => {
  const lines: string[] = [];
  running = await startTracing('probe', nowhere, createLog('probe', 'info', { write: (line) => lines.push(line) }));
  const work = async () => {
    // More than one batch takes, so that it is sent at once.
    for (let n = 0; n < 600; n += 1) expect(await traced(spec, null, async () => n)).toBe(n);
  };
  await work();
  await eventually(async () => expect(lines).toHaveLength(1));
  await work();
  const watch = startStopwatch();
  await running.stop();
  expect(watch.quietMs()).toBeLessThan(4_000);
  expect(lines.map((line) => Reflect.get(JSON.parse(line) as object, 'msg'))).toEqual([
    'traces are lost: their collector accepts none',
  ]);
});

test('a span continues the given trace, and starts one if there is none or it is malformed', async () => {
  running = await startTracing('probe', nowhere, createLog('probe', 'silent'));
  const handedOn = (traceparent: string | null) => traced(spec, traceparent, async (span) => span.traceparent);
  expect(await handedOn(given)).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
  const fresh = /^00-(?!4bf92f3577b34da6a3ce929d0e0e4736|0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/;
  expect(await handedOn(null)).toMatch(fresh);
  expect(await handedOn('nonsense')).toMatch(fresh);
});

test('the process that started a trace decides whether it is kept', async () => {
  running = await startTracing('probe', nowhere, createLog('probe', 'silent'));
  const unkept = given.replace(/01$/, '00');
  expect(await traced(spec, unkept, async (span) => span.traceparent)).toMatch(/-00$/);
  const own = await tracedEach(
    spec,
    [{ traceparent: given }, { traceparent: unkept }, { traceparent: null }],
    (items) => Promise.resolve(items.map(({ traceparent }) => traceparent)),
  );
  expect(own).toEqual([expect.stringMatching(/(?<!00f067aa0ba902b7)-01$/), unkept, null]);
});

test('a share of 0 keeps no trace that starts here', async () => {
  running = await startTracing('probe', { ...nowhere, sampledShare: 0 }, createLog('probe', 'silent'));
  expect(await traced(spec, null, async (span) => span.traceparent)).toMatch(/-00$/);
});

test('without a collector the trace is passed on unchanged, and nothing is loaded', async () => {
  running = await startTracing('probe', null, createLog('probe', 'silent'));
  expect(await traced(spec, given, async (span) => span.traceparent)).toBe(given);
  expect(await traced(spec, null, async (span) => span.traceparent)).toBeNull();
  const items = [{ traceparent: given }];
  expect(await tracedEach(spec, items, async (own) => own)).toBe(items);
  expect(modulesLoadedWith(null)).not.toContainEqual(expect.stringMatching(sdk));
  expect(modulesLoadedWith(nowhere)).toContainEqual(expect.stringMatching(sdk));
});

const sdk = /opentelemetry.(sdk|exporter|otlp|resources)/;

/** The URLs of all modules that a separate process resolves when it starts tracing. */
function modulesLoadedWith(options: typeof nowhere | null): string[] {
  const modulePath = join(import.meta.dirname, '../src/runtime/tracing.ts');
  const program = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => {
      const resolved = next(name, context);
      console.log(resolved.url);
      return resolved;
    } });
    const { startTracing } = await import(${JSON.stringify(modulePath)});
    await (await startTracing('probe', ${JSON.stringify(options)}, null)).stop();`;
  const args = ['--permission', '--allow-fs-read=*', '--input-type=module', '--eval', program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n');
}

test('the environment names the collector, or none', () => {
  const read = (env: Record<string, string>) => tracingIn(readEnvironment(Type.Object(tracingVariables), env));
  expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeNull();
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://jaeger:4318';
  expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT })).toEqual({ endpoint: 'http://jaeger:4318', sampledShare: 0.05 });
  expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER_ARG: '5' })).toThrow(ConfigError);
  expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'jaeger:4318' })).toThrow(ConfigError);
});
