import { Client } from 'pg';

/** Tables with current readers of the log and leases of ended processes: they change without a change of data. */
const fleeting = ['broker.group_member', 'broker.group_partition'];

/** A digest of every table of the services and of the log, by name. */
export async function tableDigests(databaseUrl: string): Promise<Record<string, string>> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('ingest', 'conversation', 'crm', 'automation', 'analytics', 'broker')
         and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
    );
    const digests: Record<string, string> = {};
    for (const { name } of rows.filter((row) => !fleeting.includes(row.name))) {
      const { rows: found } = await client.query<{ digest: string }>(
        `select count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n' order by t::text), '')) as digest from ${name} t`,
      );
      digests[name] = found[0]?.digest ?? '';
    }
    return digests;
  } finally {
    await client.end();
  }
}
