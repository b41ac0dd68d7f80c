import { expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { createLog, traceIdOf, withLogScope } from '../src/runtime/log.ts';

const canary = 'canary-4711';

function linesOf(write: (log: ReturnType<typeof createLog>) => void): string {
  let lines = '';
  write(createLog('test', 'trace', { write: (line) => void (lines += line) }));
  return lines;
}

const names = [
  'authorization',
  'password',
  'secret',
  'credentials',
  'accessToken',
  'token',
  'text',
  'body',
  'rawBody',
  'phone',
  'email',
  'refreshToken',
  'cookie',
  'keys',
  'databaseUrl',
  'CROSSDESK_KEYS',
  'CROSSDESK_SECRET',
];

test.each(names)('%s is redacted at every depth, also within lists', (name) => {
  const value = { [name]: canary };
  const lines = linesOf((log) => {
    log.info(value, 'message');
    log.warn({ request: value }, 'message');
    log.error({ request: { headers: value } }, 'message');
    log.info({ a: { b: { c: value } } }, 'message');
    log.info({ items: [value, { inner: [value] }] }, 'message');
    log.child(value).info('message');
    log.child({ request: value }).info('message');
    log.error({ err: Object.assign(new Error('failed'), value) }, 'message');
    log.error({ err: Object.assign(new Error('failed'), { response: value }) }, 'message');
  });
  expect(lines).not.toContain(canary);
  expect(lines.match(/"msg":"message"/g)).toHaveLength(9);
});

test('bytes are never logged, whatever they are called', () => {
  const bytes = Buffer.from(canary);
  const lines = linesOf((log) =>
    log.info({ ring: { current: bytes, previous: null }, list: [new Uint8Array(bytes)] }, 'message'),
  );
  for (const text of [canary, bytes.toString('hex'), [...bytes].join(',')]) expect(lines).not.toContain(text);
  expect(lines).toContain('"msg":"message"');
});

test('an error of the database keeps its code and loses the row it quotes', () => {
  const error = Object.assign(new DatabaseError('null value in column "name"', 100, 'error'), {
    code: '23502',
    detail: `Failing row contains (1, ${canary}).`,
    where: `JSON data, line 1: {"text": "${canary}"`,
  });
  const lines = linesOf((log) => {
    log.error({ err: error }, 'failed');
    log.error({ err: new Error('wrapped', { cause: error }) }, 'failed');
  });
  expect(lines).not.toContain(canary);
  expect(lines).toContain('23502');
});

test('lines contain service, time and the ids of their scope', () => {
  const line = linesOf((log) =>
    withLogScope({ tenantId: 'tenant-1', traceId: 'trace-1', requestId: 'request-1' }, () =>
      log.info({ eventId: 'event-1' }, 'done'),
    ),
  );
  expect(JSON.parse(line)).toMatchObject({
    service: 'test',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    tenantId: 'tenant-1',
    traceId: 'trace-1',
    requestId: 'request-1',
    eventId: 'event-1',
    msg: 'done',
  });
});

test('the trace id is read from a well-formed traceparent only', () => {
  expect(traceIdOf('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  for (const text of [
    '',
    '00-4bf9-00f067aa0ba902b7-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
  ]) {
    expect(traceIdOf(text)).toBeNull();
  }
});
