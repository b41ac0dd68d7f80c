export default async function globalTeardown(): Promise<void> {
  const stop: unknown = Reflect.get(globalThis, '__crossdeskStopPostgres');
  Reflect.deleteProperty(globalThis, '__crossdeskStopPostgres');
  if (typeof stop === 'function') await stop();
}
