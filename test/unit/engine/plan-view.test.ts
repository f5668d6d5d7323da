import { expect } from 'chai';
import type { EnvironmentPlan, StackPlan } from '../../../src/engine/stack-plan.ts';
import { planText } from '../../../src/views/plan.ts';
import { styleFor } from '../../../src/views/style.ts';
import { changeOf, planOf, someLine } from './sketches.ts';

const style = styleFor(false);
const shown = (stacks: readonly StackPlan[], more: Partial<EnvironmentPlan> = {}) =>
  planText({ run: 'r', environment: 'prod', destroy: false, formerVolumes: [], stacks, ...more }, style);

describe('a plan for people', () => {
  it('puts what is taken away first, over all stacks, each with the line it comes from', () => {
    const text = shown([
      planOf('base', {
        state: 'planned',
        changes: [changeOf({ title: 'new', origin: someLine }), changeOf({ title: 'changed', action: 'update' })],
      }),
      planOf('app', {
        state: 'planned',
        changes: [
          changeOf({ stack: 'app', title: 'gone', action: 'delete' }),
          changeOf({ stack: 'app', title: 'again', action: 'replace' }),
        ],
      }),
    ]);
    const order = ['again', 'gone', 'changed', 'new'].map((title) => text.indexOf(title));
    expect(order).to.deep.equal([...order].sort((one, other) => one - other));
    expect(text).to.match(/\+ create +new +base +environments\/prod.yaml:7/);
    expect(text).to.include('prod: 1 to replace, 1 to destroy, 1 to change, 1 to create, over 2 stacks.');
  });

  it('calls out a loss with the flag it wants, and why something is replaced', () => {
    const attributes = [
      { path: 'size', before: '1', after: '2', forcesReplacement: true },
      { path: 'values.0', before: 'a\nb\nc', after: 'a\nx\nc', forcesReplacement: false },
      { path: 'id', before: 'i', after: '(known after apply)', forcesReplacement: false },
    ];
    const text = shown([
      planOf('base', {
        state: 'planned',
        changes: [changeOf({ action: 'replace', losesData: { name: 'disk', what: 'every file' }, attributes })],
      }),
    ]);
    expect(text).to.include('loses every file; wants --allow-data-loss disk');
    expect(text).to.include('size  1 → 2  (this replaces it)');
    expect(text).to.include('values.0  1 line changed').and.not.include('known after apply');
  });

  it('says what is known later, rather than inventing it', () => {
    const expected = [{ address: 'helm_release.web', title: 'release web', origin: someLine }];
    const text = shown([planOf('infra', { state: 'unknown', until: 'cloud', expected })]);
    expect(text)
      .to.include('infra: known after cloud')
      .and.match(/\? expected +release web/);
    expect(text).to.include('1 stack known later');
  });

  it('tells a failure with its hints, and an empty plan in one line', () => {
    const text = shown([planOf('a', { state: 'failed', problem: { message: 'Stack a: no.', hints: ['try this'] } })]);
    expect(text).to.include('Failed: Stack a: no.\n  → try this');
    expect(shown([planOf('a'), planOf('b')])).to.equal('prod: no changes, over 2 stacks.\n');
  });

  it('names the volumes of a former cluster that go too', () => {
    const text = shown([], {
      destroy: true,
      formerVolumes: [{ id: '1', name: 'pvc-1', data: 'files', of: 'former cluster' }],
    });
    expect(text).to.include('volume pvc-1 of the former cluster  loses files');
  });
});
