import { serviceNames } from '@crossdesk/contracts';
import { ConfigError } from './config.ts';
import { heldKeys, type Keyring, type Keys, keysIn } from './keys.ts';

/** The key that opens the schema of the embedded log. */
export const embeddedLogKey = 'broker';

/** Ingest signs with it what it found in an uploaded file; conversation verifies it. */
export const attachmentKey = 'ingest/attachments';

/**
 * The keys each process needs, and no others: the gateway signs requests to every service and opens nothing of any,
 * conversation reads what ingest signed about a file, and the demo only knows the setup code.
 */
const grants: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...serviceNames.map((name): [string, string[]] => [name, [name]]),
  ['conversation', ['conversation', attachmentKey]],
  ['gateway', ['gateway', ...serviceNames.map((name) => `${name}/request-context`)]],
  ['demo', ['conversation/setup-code']],
]);

/** Every process that gets keys. */
export const keyHolders: readonly string[] = [...grants.keys()];

/** Writes the keys of one process as the text of its `CROSSDESK_KEYS`: a line for each, `name:key` or `name:key:previous key`. */
export function writeKeysOf(process: string, keys: Keys, isLogEmbedded = false): string {
  const names = [...(grants.get(process) ?? []), ...(isLogEmbedded ? [embeddedLogKey] : [])];
  return names
    .map((name) => [name, ...keysIn(keys.of(name)).map((key) => key.toString('base64url'))].join(':'))
    .join('\n');
}

/** The text of `CROSSDESK_KEYS`: lines, or words between spaces. The master secret does not look like this. */
export const keysPattern = String.raw`^\s*[a-z/-]+(:[\w-]{43}){1,2}(\s+[a-z/-]+(:[\w-]{43}){1,2})*\s*$`;

/** Reads what `writeKeysOf` wrote for this process. @throws ConfigError when it is for another one */
export function readKeysOf(process: string, text: string): Keys {
  const held = new Map(text.trim().split(/\s+/).map(entryOf));
  const granted = grants.get(process) ?? [];
  const missing = granted.filter((name) => !held.has(name));
  const foreign = [...held.keys()].filter((name) => name !== embeddedLogKey && !granted.includes(name));
  const problems = [
    ...(missing.length === 0 ? [] : [`lacks ${missing.join(', ')}`]),
    ...(foreign.length === 0 ? [] : [`has ${foreign.join(', ')}, which ${process} must not know`]),
  ];
  if (problems.length > 0)
    throw new ConfigError(
      `CROSSDESK_KEYS ${problems.join(' and ')}: the setup command \`keys ${process}\` prints its keys`,
    );
  return heldKeys(held);
}

function entryOf(entry: string): [string, Keyring] {
  const [name = '', current = '', previous] = entry.split(':');
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  return [name, { current: bytes(current), previous: previous === undefined ? null : bytes(previous) }];
}

/** A leaked service must not open the others: the master secret has no place in its environment. */
export function refuseMaster(process: string, env: NodeJS.ProcessEnv): void {
  const given = ['CROSSDESK_SECRET', 'CROSSDESK_SECRET_PREVIOUS']
    .flatMap((name) => [name, `${name}_FILE`])
    .filter((name) => (env[name] ?? '') !== '');
  if (given.length > 0)
    throw new ConfigError(
      `${given.join(' and ')} must not be given to ${process}: it gets CROSSDESK_KEYS, which the setup command \`keys ${process}\` prints`,
    );
}
