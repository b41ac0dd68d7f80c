import { recoveryTimes, type Results, rowsOfTotals, seconds, totalsOf } from './results.ts';

/** The table at the end: faults, what the system did, what broke, and how long it took to recover. */
export function tableOf(results: Results): string {
  const totals = totalsOf(results);
  const caught = results.mutants.filter(({ outcome }) => outcome === 'caught').length;
  const simulated = results.simulations.reduce((sum, { runs }) => sum + runs, 0);
  const logs = [...new Set(results.runs.map(({ log }) => log))];
  const rows: [string, string][] = [
    ['logs', logs.join(', ') || '-'],
    ...Object.entries(totals.faults)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, times]): [string, string] => [`fault: ${kind}`, String(times)]),
    ...rowsOfTotals(totals),
    ...recoveryTimes(results).map(({ kind, times, medianMs, worstMs, targetMs }): [string, string] => [
      `recovered from "${kind}": median, worst of ${times}`,
      `${seconds(medianMs)}, ${seconds(worstMs)} (target ${seconds(targetMs)})`,
    ]),
    ...results.runs.flatMap(({ log, paces }) =>
      paces.map(({ what, alone, even, beside }): [string, string] => [
        `quiet tenant until ${what}, ${log}: p99 alone, beside many, beside a hot one`,
        `${alone.p99Ms} ms, ${even.p99Ms} ms, ${beside.p99Ms} ms`,
      ]),
    ),
    ...results.runs.flatMap(({ log, herds }) =>
      herds.map(({ kind, found, size, tookMs, connects }): [string, string] => [
        `${kind}, ${log}: back, after, connects`,
        `${found} of ${size}, ${seconds(tookMs)}, ${connects}`,
      ]),
    ),
    ['simulated runs', String(simulated)],
    ['mutants caught', `${caught} of ${results.mutants.length}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
