import { readFileSync } from 'node:fs';
import type { History } from '../history.ts';
import { withClient } from './with-client.ts';
import type { System } from './system.ts';

const everyMs = 1_000;

/** Notes the memory of the processes and the connections to the database once a second, until it is stopped. */
export function startSampling(system: System, history: History): () => void {
  const timer = setInterval(() => {
    void withClient(system.databaseUrl, (client) =>
      client.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like 'crossdesk%'`,
      ),
    )
      .then(({ rows }) => {
        const memoryMb = Math.max(...system.processes.map(({ pid }) => residentMb(pid)));
        history.add({ op: 'sample', memoryMb, connections: rows[0]?.n ?? 0 });
      })
      // While the database restarts there is no sample.
      .catch(() => undefined);
  }, everyMs);
  return () => clearInterval(timer);
}

function residentMb(pid: number): number {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  } catch {
    return 0;
  }
}
