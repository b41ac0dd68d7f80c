import { invariants } from '../checkers/check-all.ts';
import { timesSlowerMax, unnoticedMs, type Waits } from '../checkers/pace.checker.ts';
import { crashPoints, migrationPoints } from '../crash/crash-points.ts';
import { gapsOf } from './gaps.ts';
import { failuresOf, recoveryTimes, type Results, rowsOfTotals, seconds, totalsOf } from './results.ts';

/** docs/reliability.md, from the results of a profile. */
export function reliabilityPage(results: Results): string {
  return [
    introduction(results),
    howToRun,
    `## What must hold\n\n${table(['', 'invariant'], Object.entries(invariants))}`,
    lastRun(results),
    faultsByKind(results),
    runs(results),
    recoveries(results),
    paces(results),
    herds(results),
    simulations(results),
    mutants(results),
    points,
    `## What was not tested\n\n${gapsOf(results)
      .map((line) => `- ${line}`)
      .join('\n')}\n`,
  ].join('\n\n');
}

function introduction({ profile }: Results): string {
  return `# Reliability

Written by \`pnpm reliability\` from [its last results](../reliability/results/${profile}.json); do not edit by hand.

The harness starts the whole system as processes beside simulated platforms, puts load on it, breaks it, and waits until all work is done. Then it compares what the system holds with what was
recorded outside of it: webhooks that were acknowledged, replies that were accepted, and the platforms' own journal of what they executed.

It does so on both logs. On the embedded log all services are one process. On Kafka the five services and the gateway are six processes, as \`pnpm start:cluster\` runs them. They reach a broker of
the harness through a proxy, and faults that strike processes pick one or several of the six. With \`--members 2\` each service runs as two processes, like replicas in Kubernetes: they share
the partitions of their groups behind one address that gives them connections in turn, and members are killed, stopped beyond their session, and replaced by others.

\`upgrade\` runs a next version beside this one. The next version changes what [may change within a version](integrate.md#what-stays-as-it-is): an optional field in an event, new types on two topics that have readers, a column
that may be null. On Kafka its processes replace the members of each service one by one while webhooks and replies flow, both versions read what either publishes, and then everything is taken back; the migration stays. The data
shows which version published and which one read: a run in which the versions never met is a finding. On the embedded log the one process is stopped and the other version is started.`;
}

const howToRun = `## Run it

\`\`\`sh
npx --yes pnpm@12.21.0 reliability                      # a selection that takes at most five minutes
npx --yes pnpm@12.21.0 reliability --profile night      # everything
npx --yes pnpm@12.21.0 reliability crash --faults batch-applied@conversation.inbox:3
npx --yes pnpm@12.21.0 reliability storm --seed 7 --seconds 60
npx --yes pnpm@12.21.0 reliability storm --log kafka    # needs Java 17 and Maven, as all runs on Kafka do
npx --yes pnpm@12.21.0 reliability storm --log kafka --members 2
npx --yes pnpm@12.21.0 reliability storm --faults "platform half-open,platform answer lost"
npx --yes pnpm@12.21.0 reliability clock                # wrong and stepping clocks: needs Debian's faketime
npx --yes pnpm@12.21.0 reliability disk                 # a database on a full disk: needs root, to mount a small disk
npx --yes pnpm@12.21.0 reliability flood                # 2,000 slow sockets beside honest webhooks
npx --yes pnpm@12.21.0 reliability hot                  # a quiet tenant beside one with a hundred times its messages
npx --yes pnpm@12.21.0 reliability herd                 # 2,000 subscriptions that lose their gateway and come back
npx --yes pnpm@12.21.0 reliability recover              # the time to recover after one fault
npx --yes pnpm@12.21.0 reliability upgrade --log kafka  # the next version beside this one, and back
npx --yes pnpm@12.21.0 reliability simulate --runs 20000
npx --yes pnpm@12.21.0 reliability mutants
\`\`\`

Each finding is printed with the command that repeats it. A storm that breaks something is run again with half of its kinds of trouble until no smaller part breaks it.`;

function lastRun(results: Results): string {
  const { profile, at, node, cores, loadBefore, tookMs, notRun } = results;
  const failures = failuresOf(results);
  return `## The last run

Profile \`${profile}\`, ${at.slice(0, 16).replace('T', ' ')} UTC, Node ${node}, ${cores} cores, load ${loadBefore} before it began, ${Math.round(tookMs / 60_000)} minutes, on ${logsOf(results)}.

${table(['', ''], rowsOfTotals(totalsOf(results)))}

${notRun.map((what) => `**Not run:** ${what}.\n\n`).join('')}${failures.length === 0 ? 'Every invariant held.' : `Findings:\n\n${failures.map((line) => `- ${line.trim()}`).join('\n')}`}`;
}

function faultsByKind(results: Results): string {
  const rows = Object.entries(totalsOf(results).faults)
    .map(([kind, times]): [string, string] => [kind, String(times)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `### Faults by kind\n\n${table(['fault', 'times'], rows)}`;
}

function runs(results: Results): string {
  const rows = results.runs.map((run) => [
    run.name,
    run.log,
    String(run.seed),
    String(run.acknowledged),
    String(run.replies),
    String(run.restarts),
    String(run.violations.length),
    run.recoveryMs === null ? '-' : seconds(run.recoveryMs),
  ]);
  const head = ['run', 'log', 'seed', 'webhooks', 'replies', 'restarts', 'violations', 'quiet after'];
  return `### Runs\n\n${table(head, rows)}`;
}

function recoveries(results: Results): string {
  const rows = recoveryTimes(results).map(({ kind, times, medianMs, worstMs, targetMs }) => [
    kind,
    String(times),
    seconds(medianMs),
    seconds(worstMs),
    seconds(targetMs),
  ]);
  return `### Time to recover

From a fault until a message that a buyer wrote right after it is shown in its conversation.

${table(['fault', 'times', 'median', 'worst', 'target'], rows)}`;
}

function paces(results: Results): string {
  const told = ({ medianMs, p99Ms }: Waits): string => `${medianMs} ms, ${p99Ms} ms`;
  const head = ['until', 'messages', 'alone: median, p99', 'beside many', 'beside a hot one', 'to alone', 'to many'];
  const rows = results.runs.flatMap(({ log, paces: measured }) =>
    measured.map(({ what, count, alone, even, beside }) => [
      `${what}, ${log}`,
      String(count),
      ...[alone, even, beside].map(told),
      ...[alone, even].map(({ p99Ms }) => (beside.p99Ms / p99Ms).toFixed(1)),
    ]),
  );
  return `### A quiet tenant beside a hot one

How long webhooks of quiet tenants wait for their acknowledgement, and people for the message, in three situations: alone; beside many tenants that together have a hundred times the messages of each; beside one
tenant that has as many. The second shows what this amount of work costs where load, platforms and system share the processors. The last two columns compare the p99 beside a hot tenant with the two others. It may be
${timesSlowerMax} times the p99 of alone; more is a finding when it is also more than ${unnoticedMs} ms.

${table(head, rows)}`;
}

function herds(results: Results): string {
  const head = [
    'fault',
    'ready after',
    'shown to all after',
    'shown to',
    'connects',
    'ended again',
    'slowest query',
    'unanswered',
    'memory',
  ];
  const rows = results.runs.flatMap(({ log, herds: gathered }) =>
    gathered.map((one) => [
      `${one.kind}, ${log}`,
      seconds(one.readyMs),
      seconds(one.tookMs),
      `${one.found} of ${one.size}`,
      String(one.connects),
      String(Object.values(one.ends).reduce((sum, times) => sum + times, 0)),
      seconds(one.slowestMs),
      `${one.unanswered} of ${one.asked}`,
      `${one.memoryMb} MB`,
    ]),
  );
  return `### A herd that comes back

The gateway (on the embedded log: the one process) is ended under thousands of live subscriptions. They reconnect after their cursors, with the pauses of their library. A buyer writes right after the fault: how
long it takes until the gateway is ready, and until every subscriber has been shown that message. Meanwhile people ask for lists of conversations.

${table(head, rows)}`;
}

function simulations(results: Results): string {
  const rows = results.simulations.map((one) => [
    one.model,
    String(one.runs),
    String(one.violations.length),
    seconds(one.tookMs),
  ]);
  return `### Simulation

Clock, store, log and platform are models, the rules are those of the product (\`*.domain.ts\`). All choices come from a tape of numbers, which is made smaller when it breaks something.

${table(['model', 'runs', 'violations', 'took'], rows)}`;
}

function mutants(results: Results): string {
  const rows = results.mutants.map(({ mutant, expected, outcome }) => [mutant, expected, outcome]);
  return `### Mutants

Each of these faults is a variant of the product: some of its modules are replaced when they are loaded, by others that export the same and do it wrong ([ADR 0034](adr/0034-variants-by-module-replacement.md)). What is
named must see the fault. The command fails when a fault is not seen, or when what it replaces is gone.

${table(['fault', 'seen by', 'outcome'], rows)}`;
}

const points = `## Crash points

A process that runs with \`CROSSDESK_CRASH_TEST=yes\` kills itself at the n-th pass of the point that \`CROSSDESK_CRASH_AT\` names; any other process ignores it. ${migrationPoints.length + crashPoints.length} are tried on each log:
${[...new Set([...migrationPoints, ...crashPoints].map((point) => point.split(':')[0]))].map((point) => `\`${point}\``).join(', ')}.`;

function logsOf(results: Results): string {
  const names = { embedded: 'the embedded log', kafka: 'Kafka' };
  return [...new Set(results.runs.map(({ log }) => names[log]))].join(' and ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
