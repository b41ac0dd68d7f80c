/** The settings of the twin from its environment when it runs alone. */
export function readTwinConfig(env: NodeJS.ProcessEnv = process.env): { port: number; seed: string } {
  const port = Number(env['TWIN_PORT'] ?? '4002');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('TWIN_PORT must be a port from 0 to 65535');
  return { port, seed: env['TWIN_SEED'] ?? 'demo' };
}
