/** One at a time, whoever it is and wherever: what the cluster holds of it, and what others then read. */
import { expect } from 'chai';
import { held } from '../../../src/backups/hold.ts';
import { clusterHands } from '../../../src/cluster/cluster-hands.ts';
import { refuseWhileRestored, takeLease, type HeldLease } from '../../../src/cluster/lease.ts';
import type { Command, Outcome } from '../../../src/ports/runner.ts';
import { aBlueprint } from '../../support/blueprint.ts';
import { revealed } from '../../support/fakes.ts';
import { aScene, pin, refused } from './harness.ts';

interface Stored {
  readonly metadata: { readonly resourceVersion?: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, string>>;
}

/** A cluster that keeps one object, and refuses who writes on an old version of it. */
function aCluster() {
  let stored: Stored | undefined;
  let version = 0;
  const printed = (): Partial<Outcome> => ({
    stdout: JSON.stringify({ kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', ...named(stored!) }),
  });
  const named = (one: Stored) => ({ ...one, metadata: { name: 'ffops-restore', ...one.metadata } });
  const keep = ({ stdin }: Command): Partial<Outcome> => {
    const wanted = JSON.parse(revealed(stdin) ?? '') as Stored;
    version += 1;
    stored = { ...wanted, metadata: { ...wanted.metadata, resourceVersion: String(version) } };
    return printed();
  };
  return {
    get: (): Stored | undefined => stored,
    answer: (command: Command): Partial<Outcome> => {
      const verb = command.args[4];
      if (verb === 'get') return stored === undefined ? { stdout: '' } : printed();
      if (verb === 'create')
        return stored === undefined ? keep(command) : { exitCode: 1, stderr: 'Error from server (AlreadyExists): …' };
      const { metadata } = JSON.parse(revealed(command.stdin) ?? '') as Stored;
      return metadata.resourceVersion === stored?.metadata.resourceVersion
        ? keep(command)
        : { exitCode: 1, stderr: 'Error from server (Conflict): the object has been modified' };
    },
  };
}

type Cluster = ReturnType<typeof aCluster>;

interface Who {
  readonly holder?: string;
  readonly work?: string;
  readonly insteadOf?: string;
  readonly takeOver?: boolean;
}

function take(
  cluster: Cluster,
  { holder = 'anna@laptop', work = 'restore of data, 1', ...more }: Who = {},
): Promise<HeldLease> {
  const scene = aScene(aBlueprint());
  scene.fakes.runner.allow({ program: 'kubectl' }, cluster.answer);
  return takeLease(scene.deps, pin, {
    namespace: 'infra',
    name: 'ffops-restore',
    holder,
    work,
    takeOver: false,
    ...more,
  });
}

const bert = { holder: 'bert@desk', work: 'drill of everything, 2' };

describe('a lease of the cluster', () => {
  it('lets nobody else in, and says who is at it, with what, since when, and the way past', async () => {
    const cluster = aCluster();
    await take(cluster);
    const { code, text } = await refused(take(cluster, bert));
    expect(code).to.equal('cluster.held');
    expect(text)
      .to.include('anna@laptop is at it: restore of data, 1, since 2026-01-15T03:00:00Z')
      .and.include('last heard of at 2026-01-15T03:00:00Z')
      .and.include('--take-over');
  });

  it('is free again when its work ends, however often', async () => {
    const cluster = aCluster();
    for (const who of [{}, bert, {}]) await (await take(cluster, who)).release();
    expect(cluster.get()!.spec['holderIdentity']).to.equal('');
  });

  it('is taken up again by the same work of the same person, and by what they do instead', async () => {
    const cluster = aCluster();
    await take(cluster);
    await take(cluster);
    expect((await refused(take(cluster, { work: 'restore of data, 9' }))).code).to.equal('cluster.held');
    await take(cluster, { work: 'restore of data, 9', insteadOf: 'restore of data, 1' });
    expect((await refused(take(cluster, { ...bert, work: 'restore of data, 9' }))).code).to.equal('cluster.held');
  });

  it('that was taken over stops who had it, and is not released by them', async () => {
    const cluster = aCluster();
    const annas = await take(cluster);
    const berts = await take(cluster, { ...bert, takeOver: true });
    const { code, text } = await refused(annas.renew());
    expect(code).to.equal('cluster.takenOver');
    expect(text).to.include('bert@desk took over').and.include('drill of everything, 2');
    await annas.release();
    expect(cluster.get()!.spec['holderIdentity']).to.equal('bert@desk');
    await berts.renew();
    await berts.release();
    expect(cluster.get()!.spec['holderIdentity']).to.equal('');
  });

  it('is given back when its work fails, and the failure is what is told, even when the cluster is gone', async () => {
    for (const isGone of [false, true]) {
      const cluster = aCluster();
      const { fakes, deps } = aScene(aBlueprint());
      let gone = false;
      fakes.runner.allow({ program: 'kubectl' }, (command) =>
        gone ? { exitCode: 1, stderr: 'Unable to connect to the server' } : cluster.answer(command),
      );
      const operator = { user: 'anna', host: 'laptop' };
      const work = held(
        { ...fakes.ports, ...deps, pin: async () => pin, operator },
        { work: 'restore of data, 1', takeOver: false },
        async () => {
          gone = isGone;
          throw new Error('the disk is full');
        },
      );
      const told = await work.then(
        () => 'nothing',
        (error: unknown) => (error as Error).message,
      );
      expect(told).to.equal('the disk is full');
      expect(cluster.get()!.spec['holderIdentity']).to.equal(isGone ? 'anna@laptop' : '');
    }
  });

  it('keeps an apply of whoever out until the restore has come to its end, and says how that is', async () => {
    const cluster = aCluster();
    const look = (): Promise<void> => {
      const { fakes, deps } = aScene(aBlueprint());
      fakes.runner.allow({ program: 'kubectl' }, cluster.answer);
      return refuseWhileRestored(deps, pin);
    };
    await look();
    const annas = await take(cluster);
    const { code, text } = await refused(look());
    expect(code).to.equal('cluster.held');
    expect(text)
      .to.include('anna@laptop is at it: restore of data, 1')
      .and.include('delete lease ffops-restore -n kube-system')
      .and.not.include('--take-over');
    await annas.release();
    await look();
  });

  it('that the cluster does not tell of keeps nobody out: an apply may be what repairs it', async () => {
    const { deps, fakes } = aScene(aBlueprint());
    fakes.runner.allow({ program: /./ }, { exitCode: 1, stderr: 'Unable to connect to the server' });
    await clusterHands(deps).refuseWhileRestored();
  });

  it('is heard of every minute, however long its work waits for something; who was taken over stops meanwhile', async () => {
    const cluster = aCluster();
    const { fakes, deps } = aScene(aBlueprint());
    let isAway = false;
    fakes.runner.allow({ program: 'kubectl' }, (command) =>
      // It hears, and its answer is lost.
      isAway && cluster.answer(command)
        ? { exitCode: 1, stderr: 'Unable to connect to the server' }
        : cluster.answer(command),
    );
    const renewed = (): string => cluster.get()!.spec['renewTime']!.slice(11, 19);
    const operator = { user: 'anna', host: 'laptop' };
    const wish = { work: 'restore of data, 1', takeOver: false };
    const work = held({ ...fakes.ports, ...deps, pin: async () => pin, operator }, wish, async ({ clock }) => {
      await clock.sleep(59_000);
      expect(renewed()).to.equal('03:00:00');
      await clock.sleep(2_000);
      expect(renewed()).to.equal('03:01:01');
      isAway = true;
      await clock.sleep(120_000);
      isAway = false;
      await clock.sleep(61_000);
      await clock.sleep(61_000);
      expect(renewed()).to.equal('03:05:03');
      await take(cluster, { ...bert, takeOver: true });
      await clock.sleep(120_000);
      return 'to its end';
    });
    expect((await refused(work)).code).to.equal('cluster.takenOver');
  });

  it('goes to one of two who come at the same moment', async () => {
    const cluster = aCluster();
    const ends = await Promise.allSettled([take(cluster), take(cluster, bert)]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    expect(ends.find(({ status }) => status === 'rejected')).to.have.nested.property('reason.code', 'cluster.held');
  });
});
