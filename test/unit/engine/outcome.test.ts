import { expect } from 'chai';
import { exitCodeOfResult } from '../../../src/cli/exit.ts';
import { outcomeOf, type StackPlan } from '../../../src/engine/stack-plan.ts';
import { verdictOfPlan, verdictOfResults } from '../../../src/usecases/engine-verdicts.ts';
import { changeOf, planOf, someLine } from './sketches.ts';

const failed = planOf('a', { state: 'failed', problem: { message: 'no' } });
const changed = planOf('b', { state: 'planned', changes: [changeOf()] });
const clean = planOf('c');

function everyOrder<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    everyOrder(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

const verdict = (stacks: readonly StackPlan[], detailed = true) => verdictOfPlan({ stacks }, detailed, false);

describe('what a run over several stacks comes to', () => {
  it('lets a failure beat pending changes, and pending changes beat none, in every order', () => {
    for (const stacks of everyOrder([failed, changed, clean])) expect(verdict(stacks)).to.equal('failed');
    for (const stacks of everyOrder([changed, clean, clean])) expect(verdict(stacks)).to.equal('pending');
    for (const stacks of everyOrder([failed, clean, clean])) expect(verdict(stacks)).to.equal('failed');
    expect(verdict([clean, clean])).to.equal('done');
  });

  it('calls pending changes done when nobody asked for the detailed code', () => {
    expect(verdict([changed, clean], false)).to.equal('done');
    expect(verdict([changed, failed], false)).to.equal('failed');
  });

  it('counts what is not known yet, and secrets that would be delivered, as pending', () => {
    expect(outcomeOf({ stacks: [clean, planOf('d', { state: 'unknown', until: 'cloud' })] })).to.equal('pending');
    const object = {
      stack: 'c',
      kind: 'Secret',
      namespace: 'n',
      name: 's',
      action: 'update',
      origin: someLine,
      rolls: [],
    } as const;
    expect(outcomeOf({ stacks: [planOf('c', { objects: [object] })] })).to.equal('pending');
  });

  it('keeps the meaning of a lock, a refusal or a wrong input, unless something really failed', () => {
    const because = (exitCode: 1 | 3 | 4 | 5 | 6) =>
      planOf(`e${exitCode}`, { state: 'failed', problem: { message: 'no' }, exitCode });
    const alone = ([1, 3, 4, 5, 6] as const).map((code) =>
      exitCodeOfResult({ verdict: verdict([because(code), changed, clean]) }),
    );
    expect(alone).to.deep.equal([1, 3, 4, 5, 6]);
    for (const order of everyOrder([because(5), because(1), because(6)])) expect(verdict(order)).to.equal('failed');
  });

  it('lets a failure beat an interruption in the results of an apply', () => {
    const result = (outcome: Parameters<typeof verdictOfResults>[0][number]['outcome']) => ({
      stack: outcome,
      title: '',
      outcome,
      counts: { create: 0, update: 0, replace: 0, delete: 0, import: 0 },
      seconds: 0,
    });
    expect(verdictOfResults([result('applied'), result('unchanged')])).to.equal('done');
    for (const order of everyOrder([result('interrupted'), result('failed'), result('applied')]))
      expect(verdictOfResults(order)).to.equal('failed');
    expect(verdictOfResults([result('applied'), result('not-started')])).to.equal('interrupted');
  });
});
