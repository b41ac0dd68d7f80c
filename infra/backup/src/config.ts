import { ConfigError, readEnvironment } from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const environment = Type.Object({
  DATABASE_URL: Type.String({ format: 'postgres-url', description: 'postgres://… of a superuser' }),
});

const usage = `usage:
  backup base    --data PGDATA --to FOLDER                      (DATABASE_URL: the running server)
  backup restore --from FOLDER --archive FOLDER --data PGDATA [--until 2026-01-02T03:04:05Z]`;

export type BackupCommand =
  | { readonly kind: 'base'; readonly databaseUrl: string; readonly dataDirectory: string; readonly to: string }
  | {
      readonly kind: 'restore';
      readonly from: string;
      readonly archive: string;
      readonly dataDirectory: string;
      readonly until: Date | null;
    };

/** Reads the command line. @throws ConfigError with the usage */
export function readCommand(args = process.argv.slice(2), env: NodeJS.ProcessEnv = process.env): BackupCommand {
  const { kind, options } = parsed(args.filter((arg) => arg !== '--'));
  const path = (name: 'data' | 'to' | 'from' | 'archive'): string => {
    const value = options[name];
    if (value === undefined) throw new ConfigError(`--${name} is missing\n${usage}`);
    return resolve(value);
  };
  if (kind === 'base')
    return {
      kind,
      databaseUrl: readEnvironment(environment, env).DATABASE_URL,
      dataDirectory: path('data'),
      to: path('to'),
    };
  if (kind !== 'restore') throw new ConfigError(usage);
  const until = options.until === undefined ? null : new Date(options.until);
  if (until !== null && Number.isNaN(until.getTime())) throw new ConfigError(`--until is not an instant\n${usage}`);
  return { kind, from: path('from'), archive: path('archive'), dataDirectory: path('data'), until };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { data: text, to: text, from: text, archive: text, until: text },
    });
    return { kind: positionals.length === 1 ? positionals[0] : undefined, options: values };
  } catch {
    throw new ConfigError(usage);
  }
}
