import { expect } from 'chai';
import { admitUnknowns, sparedBy } from '../../../src/engine/plan.ts';
import { remainsOf } from '../../../src/engine/remains.ts';
import { changeOf, planOf, resourceOf, stackOf } from './sketches.ts';

const cluster = { kind: 'doctl', name: 'shop', stack: 'cloud' } as const;
const stacks = [
  stackOf('cloud', {
    resources: [
      resourceOf('cluster.main', {
        adoption: { by: 'name', name: 'shop' },
        holdsData: { name: 'shop', what: 'volumes' },
      }),
    ],
  }),
  stackOf('infra', { needsCluster: true, resources: [resourceOf('helm_release.web')] }),
  stackOf('reader', {
    variables: [{ name: 'id', type: 'string', description: '', from: { stack: 'cloud', output: 'id' } }],
  }),
];
const states = (cloud: Parameters<typeof planOf>[1]) =>
  admitUnknowns([planOf('cloud', cloud), planOf('infra', { state: 'planned' }), planOf('reader')], stacks, cluster).map(
    ({ state, until }) => [state, until],
  );

describe('what a plan does not know', () => {
  it('stands by plans that nothing earlier touches', () => {
    expect(states({})).to.deep.equal([
      ['unchanged', undefined],
      ['planned', undefined],
      ['unchanged', undefined],
    ]);
    const update = {
      state: 'planned',
      changes: [changeOf({ stack: 'cloud', address: 'cluster.main', action: 'update' })],
    } as const;
    expect(states(update)[1]).to.deep.equal(['planned', undefined]);
  });

  it('withdraws the plans of what lives in a cluster that is replaced', () => {
    const replace = {
      state: 'planned',
      changes: [changeOf({ stack: 'cloud', address: 'cluster.main', action: 'replace' })],
    } as const;
    expect(states(replace)).to.deep.equal([
      ['planned', undefined],
      ['unknown', 'cloud'],
      ['unchanged', undefined],
    ]);
  });

  it('withdraws the plan of a stack that reads an output about to change', () => {
    expect(states({ state: 'planned', outputs: ['id'] })[2]).to.deep.equal(['unknown', 'cloud']);
    expect(states({ state: 'planned', outputs: ['other'] })[2]).to.deep.equal(['unchanged', undefined]);
  });

  it('withdraws what reads from a withdrawn plan, wherever it stands in the list', () => {
    const reads = (from: string) => [
      { name: 'id', type: 'string', description: '', from: { stack: from, output: 'id' } } as const,
    ];
    const chain = [
      stackOf('c', { dependsOn: ['b'], variables: reads('b') }),
      stackOf('b', { dependsOn: ['a'], variables: reads('a') }),
      stackOf('a'),
    ];
    const plans = [planOf('c'), planOf('b'), planOf('a', { state: 'planned', outputs: ['id'] })];
    expect(admitUnknowns(plans, chain, undefined).map(({ state, until }) => [state, until])).to.deep.equal([
      ['unknown', 'b'],
      ['unknown', 'a'],
      ['planned', undefined],
    ]);
  });
});

describe('what a destroy leaves', () => {
  const target = (clusterStack: string) =>
    ({ target: { blueprint: { cluster: { ...cluster, stack: clusterStack } } } }) as unknown as Parameters<
      typeof sparedBy
    >[0];
  const base = stackOf('base', {
    resources: [
      resourceOf('digitalocean_spaces_bucket.a', {
        holdsData: { name: 'a', what: 'backups' },
        adoption: { by: 'name', name: 'a' },
      }),
      resourceOf('helm_release.db', { holdsData: { name: 'db', what: 'tables' } }),
    ],
  });

  it('spares what is data itself and was not named, but neither releases nor the cluster', () => {
    expect(sparedBy(target('cloud'), base, new Set())).to.deep.equal([
      { address: 'digitalocean_spaces_bucket.a', name: 'a', what: 'backups' },
    ]);
    expect(sparedBy(target('cloud'), base, new Set(['a']))).to.deep.equal([]);
    expect(sparedBy(target('cloud'), stacks[0]!, new Set())).to.deep.equal([]);
  });

  it('tells what stays on purpose, with the reason, from what nobody owns', () => {
    const inventory = [
      { kind: 'bucket', id: 'a', name: 'a' },
      { kind: 'volume', id: 'v1', name: 'pvc-1' },
      { kind: 'volume', id: 'v2', name: 'pvc-2' },
      { kind: 'load balancer', id: 'lb', name: 'lb-1' },
    ];
    const claim = { kind: 'PersistentVolumeClaim', name: 'in-cluster', reason: 'has volumes' };
    const left = remainsOf(
      inventory,
      [base],
      false,
      [],
      [{ kind: 'volume', name: 'pvc-1', reason: 'holds files' }, claim],
      [{ kind: 'volume', name: 'pvc-2', reason: 'held files' }],
    );
    expect(left.kept.map(({ name, reason }) => [name, reason])).to.deep.equal([
      ['a', 'stack base stays'],
      ['pvc-1', 'holds files'],
      ['pvc-2', 'held files'],
      ['in-cluster', 'has volumes'],
    ]);
    expect(left.orphans).to.deep.equal([inventory[3]]);
  });

  it('does not call an orphan what belongs to a cluster that stays, nor take one name for another', () => {
    const inventory = [
      { kind: 'volume', id: 'v1', name: 'pvc-1' },
      { kind: 'cluster', id: 'c', name: 'a' },
    ];
    const left = remainsOf(inventory, [base], true, [], [], []);
    expect(left.kept).to.deep.equal([{ kind: 'volume', name: 'pvc-1', reason: 'belongs to the cluster, which stays' }]);
    expect(left.orphans).to.deep.equal([inventory[1]]);
  });
});
