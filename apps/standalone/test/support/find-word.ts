import { Client } from 'pg';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly isBytes: boolean;
}

/**
 * Finds a word in every column of text, JSON or bytes in every table of the database, including schemas added later.
 * The log is left out: it deletes old records itself, as Kafka does.
 */
export async function findWord(databaseUrl: string, word: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const found: string[] = [];
    for (const [table, columns] of Map.groupBy(await textColumns(client), (column) => column.table)) {
      const counts = columns.map(
        ({ column, isBytes }, index) =>
          `count(*) filter (where ${isBytes ? `position(convert_to($1, 'UTF8') in ${column}) > 0` : `position($1 in ${column}::text) > 0`})::int as c${index}`,
      );
      const { rows } = await client.query<Record<string, number>>(`select ${counts.join(', ')} from ${table}`, [word]);
      columns.forEach(({ column }, index) => {
        const count = rows[0]?.[`c${index}`] ?? 0;
        if (count > 0) found.push(`${table}.${column} ${count}`);
      });
    }
    return found.sort();
  } finally {
    await client.end();
  }
}

/** Every table that could hold a word of a person. */
export async function tablesWithText(databaseUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return [...new Set((await textColumns(client)).map(({ table }) => table))];
  } finally {
    await client.end();
  }
}

async function textColumns(client: Client): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select format('%I.%I', c.table_schema, c.table_name) as table, quote_ident(c.column_name) as column,
       c.data_type = 'bytea' as "isBytes"
     from information_schema.columns c
     join pg_class r on r.oid = format('%I.%I', c.table_schema, c.table_name)::regclass
     where c.table_schema not in ('pg_catalog', 'information_schema', 'broker') and r.relkind in ('r', 'p')
       and not r.relispartition and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'bytea', 'tsvector', 'ARRAY')`,
  );
  return rows;
}
