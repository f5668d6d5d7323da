// mocha's own spec output, plus the counts in a file, so that several runs add up to one line.
import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

export default class TallyReporter extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      if (process.env.FFOPS_TALLY) {
        writeFileSync(process.env.FFOPS_TALLY, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
      }
    });
  }
}
