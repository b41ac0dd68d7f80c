import { readDevLines } from './dev.ts';
import { measureIntents, shown } from './measure.ts';

// Prints how good the committed weights are on the lines they were not trained on, and each line of `dev` they get wrong.
const dev = measureIntents(readDevLines('dev'));
const held = measureIntents(readDevLines('held'));
process.stdout.write(`dev: ${shown(dev)}held: ${shown(held)}`);
process.stdout.write(dev.map(({ wrong }) => `${wrong.join('\n')}\n`).join(''));
