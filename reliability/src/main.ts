import { parseArgs } from 'node:util';
import { conclude } from './report/conclude.ts';
import { type Choice, kinds, type ProfileName, profiles } from './profiles.ts';
import { runChoices } from './run-choices.ts';

const logs = ['embedded', 'kafka'] as const;
const onKafka = ['load', 'crash', 'storm', 'hot', 'herd', 'recover', 'upgrade'] as const;

const { values, positionals } = parseArgs({
  // pnpm passes on the `--` that separates its own options from these.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'ci' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: 'all' },
    log: { type: 'string', default: 'embedded' },
    members: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    runs: { type: 'string', default: '1000' },
  },
});

function choose(): { readonly name: string; readonly choices: readonly Choice[] } {
  const [only] = positionals;
  if (only === undefined) {
    const name = values.profile;
    if (!(name in profiles)) fail(`there is no profile ${name}; there are ${Object.keys(profiles).join(', ')}`);
    return { name, choices: profiles[name as ProfileName] };
  }
  const kind = kinds.find((one) => one === only) ?? fail(`there is no ${only}; there are ${kinds.join(', ')}`);
  const faults = values.faults === 'all' ? null : values.faults.split(',');
  const log =
    logs.find((one) => one === values.log) ?? fail(`there is no log ${values.log}; there are ${logs.join(', ')}`);
  if (log === 'kafka' && !onKafka.some((one) => one === kind)) fail(`on Kafka there are ${onKafka.join(', ')}`);
  const members = Number(values.members);
  if (members > 1 && (kind !== 'storm' || log !== 'kafka')) fail('members share groups in a storm on Kafka only');
  const choice = {
    kind,
    log,
    members,
    seed: Number(values.seed),
    faults,
    seconds: Number(values.seconds),
    runs: Number(values.runs),
  };
  return { name: only, choices: [choice] };
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

// Child processes and the database end with the harness, also when it gets a signal.
process.on('SIGTERM', () => process.exit(1));
process.on('SIGINT', () => process.exit(1));

const { name, choices } = choose();
process.exit(await conclude(name, (found, note) => runChoices(choices, found, note)));
