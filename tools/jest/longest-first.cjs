'use strict';

const { default: Sequencer } = require('@jest/test-sequencer');

/** Where no run has measured them yet, the files that take longest, so that none of them begins last. */
const longest = [
  'system.e2e',
  'kill.e2e',
  'hostile.e2e',
  'kafka-faults.kafka',
  'isolation.e2e',
  'start.e2e',
  'restore.e2e',
];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const placeOf = ({ path }) => {
      const place = longest.findIndex((name) => path.endsWith(`/${name}.test.ts`));
      return place === -1 ? longest.length : place;
    };
    return super.sort(tests).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
};
