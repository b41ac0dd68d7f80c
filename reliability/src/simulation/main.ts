import { parseArgs } from 'node:util';
import { modelsNamed, simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1000' },
  },
});

for (const model of modelsNamed(values.model)) {
  const { runs, tookMs, violations, tape } = simulate(model, Number(values.seed), Number(values.runs));
  console.log(`${model.name}: ${runs} runs in ${tookMs} ms, ${violations.length} violations`);
  for (const { check, what } of violations) console.log(`${check} ${what}`);
  if (tape !== null) {
    console.log(`tape of ${tape.length}: ${JSON.stringify(tape)}`);
    process.exitCode = 1;
  }
}
