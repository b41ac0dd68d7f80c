import { herdBlows } from '../herd/herd-run.ts';
import { hotTenant } from '../hot/hot-run.ts';
import { replacements } from '../upgrade/upgrade-run.ts';
import { totalsOf, type Results } from './results.ts';

interface Gap {
  readonly what: string;
  /** Kinds of faults that close the gap when one of them is in the results. */
  readonly closedBy?: readonly string[];
}

/** What may not have been tested. */
const gaps: readonly Gap[] = [
  {
    what: 'Trouble with the broker: this profile has no storm on Kafka. `pnpm reliability storm --log kafka`.',
    closedBy: ['broker killed', 'broker stops and restarts', 'broker frozen', 'broker frozen beyond sessions'],
  },
  {
    what: 'Kafka with several brokers: here there is one. The tests of the kit run the driver alone on three brokers, of which one dies, vanishes or freezes.',
  },
  {
    what: 'Members of one group that share its partitions: in this profile each service runs once. `pnpm reliability storm --log kafka --members 2`.',
    closedBy: ['member killed', 'member stopped beyond its session', 'members come and go'],
  },
  {
    what: 'An audit chain that is cut off together with its head (I11): only an older head that the operator has kept elsewhere shows that. Replies and connections of shops are compared with their entries; other mutations are not.',
  },
  {
    what: 'The quiet tenant beside a hot one (F27): this profile has no such run. `pnpm reliability hot`.',
    closedBy: [hotTenant],
  },
  {
    what: 'Full disks (F20): this profile has no such run, or nothing could be mounted. `pnpm reliability disk`, as root on Linux.',
    closedBy: ['disk full'],
  },
  {
    what: 'Clocks that are wrong or jump (F19): this profile has no such run, or libfaketime was missing. `apt-get install faketime`, then `pnpm reliability clock`.',
    closedBy: ['clock set', 'clock steps ahead', 'clock steps back', 'started with a wrong clock'],
  },
  {
    what: 'Trouble on the way to the platforms (F22): this profile has no storm. `pnpm reliability storm`.',
    closedBy: ['platform connections cut', 'platform answer lost', 'platform half-open'],
  },
  {
    what: 'Thousands of slow sockets (F29): this profile has no such run. `pnpm reliability flood`.',
    closedBy: ['2000 slow sockets'],
  },
  {
    what: 'A herd of subscribers that comes back after an outage (F31): this profile has no such run. `pnpm reliability herd`.',
    closedBy: herdBlows,
  },
  {
    what: 'The time to recover after one fault: this profile has no such run. `pnpm reliability recover`.',
    closedBy: ['process killed', 'database ended at once'],
  },
  {
    what: 'Torn pages and restores (F21, F36) of what this harness wrote. The database is stopped in immediate mode, which loses memory but nothing on disk, and the small disk is in memory.',
  },
  { what: 'Failover to a replica, and reading from one (F8, F33).' },
  { what: 'Services on machines whose clocks differ: here all services read one clock.' },
  {
    what: 'Old and new versions of a service together (F26): this profile has no such run. `pnpm reliability upgrade --log kafka`.',
    closedBy: replacements,
  },
  {
    what: 'A platform that executes a reply later than it promises: only a key helps then, and the simulation shows that it does.',
  },
];

/** What was not tested. */
export function gapsOf(results: Pick<Results, 'runs'>): string[] {
  const { faults } = totalsOf(results);
  return gaps.filter(({ closedBy = [] }) => !closedBy.some((kind) => kind in faults)).map(({ what }) => what);
}
