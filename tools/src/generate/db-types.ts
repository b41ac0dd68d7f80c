import { serviceNames } from '@crossdesk/contracts';
import { migrate, type ServiceSchema } from '@crossdesk/service-kit';
import { cloneDatabase, startTestPostgres, testKeys } from '@crossdesk/testkit';
import { join } from 'node:path';
import { Client } from 'pg';
import { root } from '../repository.ts';
import { type Generated, generatedMark } from './generated-file.ts';

interface Column {
  readonly tableName: string;
  readonly name: string;
  /** Base type as pg_type names it: `int8`, `_text`. */
  readonly type: string;
  readonly enumValues: readonly string[] | null;
  readonly isNullable: boolean;
  /** The database can provide a value: a default, an identity. */
  readonly hasDefault: boolean;
  /** Not writable: generated columns and GENERATED ALWAYS identities. */
  readonly isComputed: boolean;
}

/** The types that node-postgres returns and accepts; int8 and numeric stay text because they do not fit a number. */
const types: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bytea: 'Buffer',
  date: 'Date',
  float4: 'number',
  float8: 'number',
  inet: 'string',
  int2: 'number',
  int4: 'number',
  int8: 'Int8',
  interval: 'string',
  json: 'unknown',
  jsonb: 'Json',
  name: 'string',
  numeric: 'Numeric',
  regclass: 'string',
  text: 'string',
  time: 'string',
  timestamp: 'Timestamp',
  timestamptz: 'Timestamp',
  tsvector: 'string',
  uuid: 'string',
  varchar: 'string',
  bpchar: 'string',
};

const aliases: Readonly<Record<string, string>> = {
  // kysely's own types do not look into a ColumnType: selecting a Generated<Timestamp> would give no Date.
  'Generated<T>':
    'T extends ColumnType<infer S, infer I, infer U> ? ColumnType<S, I | undefined, U> : ColumnType<T, T | undefined, T>',
  'GeneratedAlways<T>':
    'T extends ColumnType<infer S, unknown, unknown> ? ColumnType<S, never, never> : ColumnType<T, never, never>',
  Int8: 'ColumnType<string, bigint | number | string, bigint | number | string>',
  Json: 'ColumnType<unknown, string, string>',
  Numeric: 'ColumnType<string, number | string, number | string>',
  Timestamp: 'ColumnType<Date, Date | string, Date | string>',
};

// Partitions are left out: queries name the partitioned table.
const columnsQuery = `
  select c.relname as "tableName", a.attname as name,
    coalesce(base.typname, t.typname) as type,
    (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e
      where e.enumtypid = coalesce(base.oid, t.oid)) as "enumValues",
    not (a.attnotnull or t.typnotnull) as "isNullable",
    (a.atthasdef or a.attidentity = 'd' or t.typdefault is not null) as "hasDefault",
    (a.attgenerated <> '' or a.attidentity = 'a') as "isComputed"
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid
  left join pg_type base on base.oid = t.typbasetype and t.typtype = 'd'
  where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
    and a.attnum > 0 and not a.attisdropped and c.relname not like 'kysely\\_%'
  order by c.relname, a.attnum`;

function scalarType(column: Column): string {
  if (column.enumValues !== null) return column.enumValues.map((value) => `'${value}'`).join(' | ');
  const type = types[column.type];
  if (type !== undefined) return type;
  throw new Error(`${column.tableName}.${column.name} has type ${column.type}: add its TypeScript type to tools`);
}

function typeOf(column: Column): string {
  const isArray = column.type.startsWith('_');
  const element = scalarType(isArray ? { ...column, type: column.type.slice(1) } : column);
  // Arrays of wide types are returned as text; a ColumnType cannot be an element.
  const type = isArray
    ? `${{ Int8: 'string', Numeric: 'string', Timestamp: 'Date', Json: 'unknown' }[element] ?? element}[]`
    : element;
  const withNull = column.isNullable ? `${type} | null` : type;
  if (column.isComputed) return `GeneratedAlways<${withNull}>`;
  return column.hasDefault ? `Generated<${withNull}>` : withNull;
}

function interfaceName(table: string): string {
  const pascal = table.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return `${pascal}Table`;
}

function render(columns: readonly Column[]): string {
  const tables = Map.groupBy(columns, (column) => column.tableName);
  const interfaces = [...tables].map(([table, ofTable]) => {
    const lines = ofTable.map((column) => `  ${column.name}: ${typeOf(column)};`);
    return `export interface ${interfaceName(table)} {\n${lines.join('\n')}\n}\n`;
  });
  const body = interfaces.join('\n');
  const isUsed = (alias: string) => new RegExp(`\\b${alias.replace('<T>', '<')}`).test(body);
  const used = Object.entries(aliases).filter(([alias]) => isUsed(alias));
  const importLine = used.length === 0 ? '' : `import type { ColumnType } from 'kysely';\n\n`;
  const aliasLines = used.map(([alias, type]) => `type ${alias} = ${type};\n`).join('');
  return `// ${generatedMark}\n${importLine}${aliasLines}\n${body}`;
}

async function columnsOf(databaseUrl: string, schema: string): Promise<Column[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Column>(columnsQuery, [schema]);
    if (rows.length === 0) throw new Error(`schema ${schema} has no tables: did its migrations run?`);
    return rows;
  } finally {
    await client.end();
  }
}

/**
 * The kysely types of the tables and views of one schema in the migrated database, without the tables that the other
 * schema also has.
 */
export async function generateDbTypes(databaseUrl: string, schema: string, without?: string): Promise<string> {
  const others = without === undefined ? [] : await columnsOf(databaseUrl, without);
  const isOther = new Set(others.map(({ tableName }) => tableName));
  const columns = await columnsOf(databaseUrl, schema);
  return render(columns.filter(({ tableName }) => !isOther.has(tableName)));
}

/** A schema with only the tables of the kit, which every service has. */
const kit: ServiceSchema = {
  service: 'kit',
  migrationsDirectory: join(root, 'packages/service-kit/migrations'),
};

/** The table types of the kit and of every service, read from a newly migrated database. */
export async function generateAllDbTypes(): Promise<Generated> {
  const postgres = await startTestPostgres();
  try {
    process.env['CROSSDESK_TEST_ADMIN_URL'] = postgres.adminUrl;
    const { url } = await cloneDatabase();
    await migrate(url, testKeys, kit);
    const ofServices = serviceNames.map(async (service) => ({
      path: `services/${service}/src/db.generated.ts`,
      text: await generateDbTypes(url, service, kit.service),
    }));
    const ofKit = {
      path: 'packages/service-kit/src/db/db.generated.ts',
      text: await generateDbTypes(url, kit.service),
    };
    return { files: [ofKit, ...(await Promise.all(ofServices))], refusals: [], notes: [] };
  } finally {
    await postgres.stop();
  }
}
