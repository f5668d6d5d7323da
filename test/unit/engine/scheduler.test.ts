import { expect } from 'chai';
import fc from 'fast-check';
import { defaultParallelism, schedule, type Job, type Outcome } from '../../../src/engine/scheduler.ts';

interface Told {
  readonly name: string;
  readonly after: readonly string[];
  readonly fails: boolean;
}

/** Jobs that only depend on earlier ones, in any order of the list. */
const graphs = fc
  .array(fc.record({ fails: fc.boolean(), edges: fc.array(fc.nat(), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 9,
  })
  .map((nodes) =>
    nodes.map(({ fails, edges }, index): Told => ({
      name: `job${index}`,
      fails: fails && index % 3 === 0,
      after: index === 0 ? [] : [...new Set(edges.map((edge) => `job${edge % index}`))],
    })),
  )
  .chain((told) => fc.shuffledSubarray(told, { minLength: told.length }));

function jobsOf(told: readonly Told[], log: string[], delays: readonly number[] = []): Job<string>[] {
  return told.map(({ name, after, fails }, index) => ({
    name,
    after,
    run: async () => {
      log.push(`start ${name}`);
      for (let turn = 0; turn < (delays[index] ?? 1); turn += 1) await Promise.resolve();
      log.push(`end ${name}`);
      if (fails) throw new Error(name);
      return name;
    },
  }));
}

describe('the scheduler', () => {
  it('runs every job once after what it waits for, never more at once than allowed, and skips what stands on a failure', () =>
    fc.assert(
      fc.asyncProperty(
        graphs,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 9 }),
        async (told, parallel, delays) => {
          const log: string[] = [];
          const outcomes = await schedule(jobsOf(told, log, delays), { parallel });
          expect([...outcomes.keys()]).to.deep.equal(told.map(({ name }) => name));
          let running = 0;
          for (const line of log) {
            running += line.startsWith('start') ? 1 : -1;
            expect(running).to.be.at.most(parallel);
          }
          for (const { name, after, fails } of told) {
            const broken = after.some((other) => outcomes.get(other)!.kind !== 'done');
            const outcome = outcomes.get(name)!;
            expect(outcome.kind).to.equal(broken ? 'skipped' : fails ? 'failed' : 'done');
            expect(log.filter((line) => line === `start ${name}`)).to.have.length(broken ? 0 : 1);
            for (const other of broken ? [] : after)
              expect(log.indexOf(`end ${other}`)).to.be.below(log.indexOf(`start ${name}`));
            if (outcome.kind === 'skipped') expect(outcomes.get(outcome.because)!.kind).to.equal('failed');
          }
        },
      ),
      { numRuns: 400 },
    ));

  it('takes a value for a failure when it is told to', async () => {
    const log: string[] = [];
    const jobs = jobsOf(
      [
        { name: 'a', after: [], fails: false },
        { name: 'b', after: ['a'], fails: false },
      ],
      log,
    );
    const outcomes = await schedule(jobs, { parallel: 2, succeeded: (value) => value !== 'a' });
    expect(outcomes.get('b')).to.deep.equal({ kind: 'skipped', because: 'a' });
  });

  it('starts nothing more once interrupted, and lets what runs end', async () => {
    const interruption = { requested: false };
    const log: string[] = [];
    const jobs = jobsOf(
      ['a', 'b', 'c'].map((name, index, all) => ({ name, after: index === 0 ? [] : [all[index - 1]!], fails: false })),
      log,
    );
    const first = { ...jobs[0]!, run: async () => ((interruption.requested = true), jobs[0]!.run()) };
    const outcomes = await schedule([first, ...jobs.slice(1)], { parallel: 1, interruption });
    expect([...outcomes.values()].map((outcome: Outcome<string>) => outcome.kind)).to.deep.equal([
      'done',
      'stopped',
      'stopped',
    ]);
    expect(log).to.deep.equal(['start a', 'end a']);
  });

  it('refuses jobs that wait for each other, rather than hanging', async () => {
    const jobs = jobsOf(
      [
        { name: 'a', after: ['b'], fails: false },
        { name: 'b', after: ['a'], fails: false },
      ],
      [],
    );
    expect(await schedule(jobs, { parallel: 1 }).catch((error: Error) => error.message)).to.equal(
      'The jobs wait for each other.',
    );
  });

  it('does less at once on a machine with little memory', () => {
    expect(defaultParallelism({ cores: 2, freeMemoryBytes: 8e9 })).to.equal(6);
    expect(defaultParallelism({ cores: 2, freeMemoryBytes: 1e9 })).to.equal(2);
    expect(defaultParallelism({ cores: 64, freeMemoryBytes: 100 })).to.equal(1);
  });
});
