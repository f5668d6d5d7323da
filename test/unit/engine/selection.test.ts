import { expect } from 'chai';
import {
  allDependants,
  allDependencies,
  inOrder,
  selectForApply,
  selectForDestroy,
} from '../../../src/engine/selection.ts';
import { stackOf } from './sketches.ts';

const stacks = [
  stackOf('app', { dependsOn: ['data', 'infra'] }),
  stackOf('data', { dependsOn: ['infra'] }),
  stackOf('infra', { dependsOn: ['cloud'] }),
  stackOf('cloud', { dependsOn: ['base'] }),
  stackOf('base', { keptByDestroy: true }),
  stackOf('metrics', { dependsOn: ['infra'] }),
];
const names = (chosen: readonly { readonly name: string }[]) => chosen.map(({ name }) => name);
const all = { stacks: [], only: false };

describe('which stacks', () => {
  it('puts every stack after those it depends on', () => {
    expect(names(inOrder(stacks))).to.deep.equal(['base', 'cloud', 'infra', 'data', 'app', 'metrics']);
  });

  it('applies what is named with what it depends on, or only that', () => {
    expect(names(selectForApply(stacks, { stacks: ['data'], only: false }))).to.deep.equal([
      'base',
      'cloud',
      'infra',
      'data',
    ]);
    expect(names(selectForApply(stacks, { stacks: ['data', 'metrics'], only: true }))).to.deep.equal([
      'data',
      'metrics',
    ]);
    expect(names(selectForApply(stacks, all))).to.have.length(6);
  });

  it('keeps the order of two stacks when the one between them is left out of a run', () => {
    const [, data, , cloud] = stacks;
    expect(allDependencies(stacks, data!)).to.deep.equal(['infra', 'cloud', 'base']);
    expect([...allDependants(stacks, cloud!)].sort()).to.deep.equal(['app', 'data', 'infra', 'metrics']);
  });

  it('destroys backwards, with what depends on the named ones, and keeps base unless it is named', () => {
    expect(names(selectForDestroy(stacks, all))).to.deep.equal(['metrics', 'app', 'data', 'infra', 'cloud']);
    expect(names(selectForDestroy(stacks, { stacks: ['data'], only: false }))).to.deep.equal(['app', 'data']);
    expect(names(selectForDestroy(stacks, { stacks: ['data'], only: true }))).to.deep.equal(['data']);
    expect(names(selectForDestroy(stacks, { stacks: ['base'], only: false }))).to.deep.equal([
      'metrics',
      'app',
      'data',
      'infra',
      'cloud',
      'base',
    ]);
  });

  it('may be asked to destroy what only volumes are left of, and then nothing else', () => {
    const former = new Set(['app-gone']);
    expect(names(selectForDestroy(stacks, { stacks: ['app-gone'], only: false }, former))).to.deep.equal([]);
    expect(names(selectForDestroy(stacks, { stacks: ['app-gone', 'app'], only: false }, former))).to.deep.equal([
      'app',
    ]);
    expect(() => selectForDestroy(stacks, { stacks: ['app-other'], only: false }, former)).to.throw('app-other');
  });

  it('takes away what left the environment with everything, or when it is named', () => {
    const retired = [stackOf('old', { dependsOn: ['infra'] })];
    expect(names(selectForApply(stacks, all, retired)).at(-1)).to.equal('old');
    expect(names(selectForApply(stacks, { stacks: ['old'], only: false }, retired))).to.deep.equal(['old']);
    expect(names(selectForApply(stacks, { stacks: ['cloud'], only: true }, retired))).to.deep.equal(['cloud']);
  });

  it('says which stacks there are when a name is none, and shows a cycle', () => {
    expect(() => selectForApply(stacks, { stacks: ['dat'], only: false }))
      .to.throw('There is no stack named "dat".')
      .with.property('exitCode', 3);
    const cycle = [stackOf('a', { dependsOn: ['b'] }), stackOf('b', { dependsOn: ['a'] })];
    expect(() => inOrder(cycle)).to.throw('a → b → a');
  });
});
