import { expect } from 'chai';
import type { ResourceChange } from '../../../src/engine/changes.ts';
import type { ObjectChange } from '../../../src/ports/cluster.ts';
import { objectsChangedOutside } from '../../../src/usecases/drift.ts';
import { aRelease, aStack, origin } from '../../support/blueprint.ts';
import { changeOf } from '../engine/sketches.ts';

const stack = aStack({
  releases: [aRelease({ reads: ['infra/shared'] }), aRelease({ name: 'other', namespace: 'other' })],
});
const release = (name: string, action: ResourceChange['action']) =>
  changeOf({ address: `helm_release.${name}`, type: 'helm_release', action });
const object = (over: Partial<ObjectChange>): ObjectChange => ({
  stack: stack.name,
  kind: 'Secret',
  namespace: 'shop',
  name: 'shop-token',
  action: 'create',
  origin,
  rolls: [],
  ...over,
});
const namespace = object({ kind: 'Namespace', namespace: '', name: 'shop' });
const names = (
  objects: readonly ObjectChange[],
  planned: readonly ResourceChange[],
  outside: readonly ResourceChange[] = [],
) => objectsChangedOutside(stack, objects, planned, outside).map(({ name }) => name);

describe("drift of ffops' own objects", () => {
  it('is one that is gone while its release is as it was', () => {
    expect(names([namespace, object({})], [])).to.deep.equal(['shop', 'shop-token']);
    expect(names([object({})], [release('other', 'update')])).to.deep.equal(['shop-token']);
  });

  it('is none that has yet to come with its release, or with what reads it', () => {
    expect(names([namespace, object({})], [release('shop', 'create')])).to.deep.equal([]);
    expect(names([object({ namespace: 'infra', name: 'shared' })], [release('shop', 'update')])).to.deep.equal([]);
  });

  it('is one that was taken away together with its release', () => {
    const outside = [release('shop', 'delete')];
    expect(names([namespace, object({})], [release('shop', 'create')], outside)).to.deep.equal(['shop', 'shop-token']);
  });

  it('is what somebody changed, and not what the environment wants otherwise now', () => {
    const changed = object({ action: 'update' });
    expect(names([changed], [])).to.deep.equal([]);
    expect(names([{ ...changed, byHand: true }], [])).to.deep.equal(['shop-token']);
  });
});
