import stopPostgres from './jest-global-teardown.ts';

export default async function kafkaTeardown(): Promise<void> {
  const stop: unknown = Reflect.get(globalThis, '__crossdeskStopKafka');
  if (typeof stop === 'function') await stop();
  await stopPostgres();
}
