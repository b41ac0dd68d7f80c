import { invariants } from '../checkers/check-all.ts';
import { timesSlowerMax, unnoticedMs, type Waits } from '../checkers/pace.checker.ts';
import { crashPoints, migrationPoints } from '../crash/crash-points.ts';
import { gapsOf } from './gaps.ts';
import { failuresOf, recoveryTimes, type Results, totalsOf } from './results.ts';

/** docs/reliability.md, from the results of a profile. */
export function reliabilityPage(results: Results): string {
  const totals = totalsOf(results);
  const failures = failuresOf(results);
  return `# Reliability

Written by \`pnpm reliability\` from [its last results](../reliability/results/${results.profile}.json); not edited by hand.

The harness starts the whole system as processes of its own beside simulated platforms, loads it, breaks it, waits until it is quiet, and compares what it holds with what was noted outside of it:
webhooks that were acknowledged, replies that were accepted, and the platforms' own journal of what they executed.

It does so on both logs. On the embedded one all services are one process. On Kafka the five services and the gateway are six, as \`pnpm start:cluster\` runs them; they reach a broker of
the harness's own through a proxy, and what strikes at processes picks one or several of the six. With \`--members 2\` each service is two processes, as replicas in Kubernetes: they share
the partitions of their groups, stand behind one address that hands them connections in turn, and members are killed, stopped beyond their session and replaced by others.

\`upgrade\` makes a next version: a copy of the product with what [may change within a version](integrate.md#what-stays-as-it-is), an optional field in an event, new types on two topics that have readers, a column that
may be null. On Kafka it replaces the members of each service one by one while webhooks and replies flow, lets both versions read what either publishes, and then takes all back, the migration staying. What the next
version leaves behind tells who published and who read: a run in which the versions never met is a finding. On the embedded log the one process is stopped and the other version started.

## Run it

\`\`\`sh
npx --yes pnpm@12.21.0 reliability                      # a slice of at most five minutes
npx --yes pnpm@12.21.0 reliability --profile night      # everything
npx --yes pnpm@12.21.0 reliability crash --faults batch-applied@conversation.inbox:3
npx --yes pnpm@12.21.0 reliability storm --seed 7 --seconds 60
npx --yes pnpm@12.21.0 reliability storm --log kafka    # needs Java 17 and Maven, as crash and load on Kafka do
npx --yes pnpm@12.21.0 reliability storm --log kafka --members 2
npx --yes pnpm@12.21.0 reliability storm --faults "platform half-open,platform answer lost"
npx --yes pnpm@12.21.0 reliability clock                # wrong and stepping clocks: needs Debian's faketime
npx --yes pnpm@12.21.0 reliability disk                 # a database without room: needs root, to mount a small disk
npx --yes pnpm@12.21.0 reliability flood                # 2,000 slow sockets beside honest webhooks
npx --yes pnpm@12.21.0 reliability hot                  # a quiet tenant beside one with a hundred times its messages
npx --yes pnpm@12.21.0 reliability herd                 # 2,000 subscriptions that lose their gateway and come back
npx --yes pnpm@12.21.0 reliability recover              # time to be well again after one blow
npx --yes pnpm@12.21.0 reliability upgrade --log kafka  # the next version beside this one, and back
npx --yes pnpm@12.21.0 reliability simulate --runs 20000
npx --yes pnpm@12.21.0 reliability mutants
\`\`\`

A finding is printed with the command that repeats it. A storm that breaks something is run again with half of its kinds of trouble until nothing smaller breaks.

## What must hold

${table(['', 'invariant'], Object.entries(invariants))}

## The last run

Profile \`${results.profile}\`, ${results.at.slice(0, 16).replace('T', ' ')} UTC, Node ${results.node}, ${results.cores} cores, load ${results.loadBefore} before it began, ${Math.round(results.tookMs / 60_000)} minutes, on ${logsOf(results)}.

${table(
  ['', ''],
  [
    ['faults', String(totals.faultCount)],
    ['restarts of a process', String(totals.restarts)],
    ['webhooks acknowledged', String(totals.acknowledged)],
    ['replies accepted', String(totals.replies)],
    ['replies executed by platforms', String(totals.executed)],
    ['**lost**', String(totals.lost)],
    ['**doubled**', String(totals.doubled)],
    ['**inverted**', String(totals.inverted)],
    ['wrong otherwise', String(totals.wrong)],
    ['back to quiet: median, longest', recovery()],
  ],
)}

${results.notRun.map((what) => `**Not run:** ${what}.\n\n`).join('')}${failures.length === 0 ? 'Every invariant held.' : `Findings:\n\n${failures.map((line) => `- ${line.trim()}`).join('\n')}`}

### Faults by kind

${table(
  ['fault', 'times'],
  Object.entries(totals.faults)
    .map(([kind, times]): [string, string] => [kind, String(times)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1)),
)}

### Runs

${table(
  ['run', 'log', 'seed', 'webhooks', 'replies', 'restarts', 'violations', 'quiet after'],
  results.runs.map((run) => [
    run.name,
    run.log,
    String(run.seed),
    String(run.acknowledged),
    String(run.replies),
    String(run.restarts),
    String(run.violations.length),
    run.recoveryMs === null ? '-' : seconds(run.recoveryMs),
  ]),
)}

### Well again

From a blow until a message that a buyer wrote right after it is shown in its conversation.

${table(
  ['blow', 'times', 'median', 'worst', 'target'],
  recoveryTimes(results).map(({ kind, times, medianMs, worstMs, targetMs }) => [
    kind,
    String(times),
    seconds(medianMs),
    seconds(worstMs),
    seconds(targetMs),
  ]),
)}

### A quiet tenant beside a hot one

How long webhooks of quiet tenants wait for their acknowledgement, and people for the message: alone; beside many others that have together a hundred times the messages of each; beside one that has as many.
The second tells what so much work costs where load, platforms and system share the processors. The target is ${timesSlowerMax} times the p99 of alone; it is a finding when it is also more than ${unnoticedMs} ms.

${paceTable(results)}

### A herd that comes back

The gateway (on the embedded log: everything) is ended under thousands of live subscriptions, which reconnect behind their cursors with the pauses of their library. Somebody writes right
after the blow: how long until the gateway is ready, and until every subscriber has been shown that message. Meanwhile people ask for lists of conversations.

${herdTable(results)}

### Simulation

Clock, store, log and platform are models, the rules are the product's own (\`*.domain.ts\`). Every choice comes from a tape of numbers, which is shrunk when it breaks something.

${table(
  ['model', 'runs', 'violations', 'took'],
  results.simulations.map((one) => [one.model, String(one.runs), String(one.violations.length), seconds(one.tookMs)]),
)}

### Teeth

Each of these faults is built into a copy of the product, and what is named must see it. One that survives, or whose passage is gone, fails the command.

${table(
  ['fault', 'seen by', 'outcome'],
  results.mutants.map(({ mutant, expected, outcome }) => [mutant, expected, outcome]),
)}

## Crash points

A process that runs with \`CROSSDESK_CRASH_TEST=yes\` kills itself at the n-th pass of the point that \`CROSSDESK_CRASH_AT\` names; any other process ignores it. ${migrationPoints.length + crashPoints.length} are exercised on each log:
${[...new Set([...migrationPoints, ...crashPoints].map((point) => point.split(':')[0]))].map((point) => `\`${point}\``).join(', ')}.

## What was not tested

${gapsOf(results)
  .map((line) => `- ${line}`)
  .join('\n')}
`;

  function recovery(): string {
    const { recoveryMs } = totals;
    const median = recoveryMs[Math.floor(recoveryMs.length / 2)];
    return median === undefined ? '-' : `${seconds(median)}, ${seconds(recoveryMs.at(-1) ?? 0)}`;
  }
}

function paceTable({ runs }: Results): string {
  const told = ({ medianMs, p99Ms }: Waits): string => `${medianMs} ms, ${p99Ms} ms`;
  return table(
    ['until', 'messages', 'alone: median, p99', 'beside many', 'beside a hot one', 'times alone', 'times beside many'],
    runs.flatMap(({ log, paces }) =>
      paces.map(({ what, count, alone, even, beside }) => [
        `${what}, ${log}`,
        String(count),
        ...[alone, even, beside].map(told),
        ...[alone, even].map(({ p99Ms }) => (beside.p99Ms / p99Ms).toFixed(1)),
      ]),
    ),
  );
}

function herdTable({ runs }: Results): string {
  return table(
    [
      'blow',
      'ready after',
      'shown to all after',
      'shown to',
      'connects',
      'ended anew',
      'slowest query',
      'unanswered',
      'memory',
    ],
    runs.flatMap(({ log, herds }) =>
      herds.map((one) => [
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
    ),
  );
}

function logsOf({ runs }: Results): string {
  const names = { embedded: 'the embedded log', kafka: 'Kafka' };
  return [...new Set(runs.map(({ log }) => names[log]))].join(' and ');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
