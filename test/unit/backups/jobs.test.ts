/** Jobs that dumps are made and restored by: what the cluster may say to one, and what people then read. */
import { expect } from 'chai';
import type { BackupDeps } from '../../../src/backups/hands.ts';
import { restoreDump } from '../../../src/backups/dump-work.ts';
import { runJob, type JobEnd } from '../../../src/backups/jobs.ts';
import type { DumpManifest } from '../../../src/backups/manifest.ts';
import { aBlueprint } from '../../support/blueprint.ts';
import { revealed } from '../../support/fakes.ts';
import { aScene, pin, refused, type Scene } from '../cluster/harness.ts';

const cronJob = (name: string) => ({
  kind: 'CronJob',
  metadata: { name, namespace: 'data' },
  spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'restore' }] } } } } },
});
const job = (name: string, condition?: object) => ({
  kind: 'Job',
  metadata: { name, namespace: 'data' },
  status: { conditions: condition === undefined ? [] : [condition] },
});
const done = { type: 'Complete', status: 'True' };
const wish = { namespace: 'data', cronJob: 'postgres-restore', name: 'one', variables: { ID: 'x' } };

function depsOf(scene: Scene): BackupDeps {
  return { ...scene.deps, network: scene.fakes.network, pin: async () => pin };
}

function asked(): Scene {
  const scene = aScene(aBlueprint());
  scene.found('cronjobs.batch', [cronJob('postgres-restore')]);
  return scene;
}

const run = (scene: Scene): Promise<JobEnd> => runJob(depsOf(scene), wish, () => undefined);

describe('a job of the backups', () => {
  it('cannot be without the chart that describes it', async () => {
    const scene = aScene(aBlueprint());
    scene.found('cronjobs.batch', []);
    expect(await refused(run(scene))).to.include({ code: 'backup.noJob' });
  });

  it('that a quota forbids says which one to raise', async () => {
    const scene = asked();
    scene.expect('kubectl', 'apply', { exitCode: 1, stderr: 'Error: jobs "one" is forbidden: exceeded quota: small' });
    const { code, text } = await refused(run(scene));
    expect(code).to.equal('backup.jobRefused');
    expect(text).to.include('exceeded quota: small').and.include('Raise the quota of data');
  });

  it('that no disk can be had for is given up after ten minutes, and taken away', async () => {
    const scene = asked();
    scene.expect('kubectl', 'apply');
    const pod = {
      kind: 'Pod',
      metadata: { name: 'one-x', namespace: 'data' },
      status: { conditions: [{ type: 'PodScheduled', status: 'False', message: 'no volume of 900Gi can be made' }] },
    };
    const about = (kind: string) => (args: readonly string[]) => args[4] === 'get' && args[5] === kind;
    const list = (item: object) => ({ stdout: JSON.stringify({ kind: 'List', items: [item] }) });
    scene.fakes.runner.allow({ program: 'kubectl', args: about('jobs.batch') }, list(job('one')));
    scene.fakes.runner.allow({ program: 'kubectl', args: about('pods') }, list(pod));
    scene.expect('kubectl', 'delete');
    const end = await run(scene);
    expect(end).to.deep.include({ kind: 'failed' });
    expect((end as { reason: string }).reason).to.include('no volume of 900Gi can be made');
    scene.fakes.verify();
  });

  it('goes on by itself when the user leaves, and is joined by the next run', async () => {
    const left = asked();
    left.expect('kubectl', 'apply');
    left.found('jobs.batch', [job('one')]);
    left.found('pods', []);
    left.fakes.interruption.press();
    expect((await run(left)).kind).to.equal('left');

    const joined = aScene(aBlueprint());
    joined.found('cronjobs.batch', [cronJob('postgres-restore'), job('one')]);
    joined.found('jobs.batch', [job('one', done)]);
    joined.found('pods', []);
    expect(await run(joined)).to.deep.equal({ kind: 'done', log: '' });
    joined.fakes.verify();
  });
});

describe('a job of the backups that failed before', () => {
  it('is made anew: what it failed of may be repaired', async () => {
    const scene = aScene(aBlueprint());
    const failed = job('one', { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' });
    scene.found('cronjobs.batch', [cronJob('postgres-restore'), failed]);
    scene.expect('kubectl', 'delete');
    scene.expect('kubectl', 'apply');
    scene.found('jobs.batch', [job('one', done)]);
    scene.found('pods', []);
    expect((await run(scene)).kind).to.equal('done');
    scene.fakes.verify();
  });

  it('outlives an API server that does not answer for a minute', async () => {
    const scene = asked();
    scene.expect('kubectl', 'apply');
    const away = { exitCode: 1, stderr: 'the connection to the server was refused' };
    for (let times = 0; times < 12; times++) scene.expect('kubectl', 'jobs.batch', away);
    scene.found('jobs.batch', [job('one', done)]);
    scene.found('pods', []);
    expect((await run(scene)).kind).to.equal('done');
    expect(scene.fakes.clock.sleeps).to.have.length(12);
  });

  it('that no image can be had for is given up too', async () => {
    const scene = asked();
    scene.expect('kubectl', 'apply');
    const waiting = { reason: 'ImagePullBackOff', message: 'no such tag' };
    const pod = {
      kind: 'Pod',
      metadata: { name: 'one-x', namespace: 'data' },
      status: { phase: 'Pending', containerStatuses: [{ name: 'store', state: { waiting } }] },
    };
    const about = (kind: string) => (args: readonly string[]) => args[4] === 'get' && args[5] === kind;
    const list = (item: object) => ({ stdout: JSON.stringify({ kind: 'List', items: [item] }) });
    scene.fakes.runner.allow({ program: 'kubectl', args: about('jobs.batch') }, list(job('one')));
    scene.fakes.runner.allow({ program: 'kubectl', args: about('pods') }, list(pod));
    scene.expect('kubectl', 'delete');
    expect(((await run(scene)) as { reason: string }).reason).to.include('ImagePullBackOff (no such tag)');
  });
});

describe('a dump that is restored', () => {
  const manifest: DumpManifest = {
    schema: 'ffops.dump/v1',
    engine: 'postgres',
    version: '17.9',
    environment: 'shop-dev',
    id: '20261128T030000Z',
    began: '2026-11-28T03:00:00Z',
    ended: '2026-11-28T03:01:00Z',
    databases: [{ name: 'shöp', file: '002.dump.zst', bytes: 1, sha256: 'a', size: 1, tables: { 'public.t': 3 } }],
  };
  const restore = (scene: Scene) =>
    restoreDump(depsOf(scene), { manifest, databases: manifest.databases, name: 'one', trial: false }, () => undefined);

  it('is fetched with what it needs, under its name, and counted', async () => {
    const scene = asked();
    scene.expect('kubectl', 'apply');
    scene.found('jobs.batch', [job('one', done)]);
    scene.found('pods', [{ kind: 'Pod', metadata: { name: 'one-x', namespace: 'data' } }]);
    scene.expect('kubectl', 'logs', { stdout: 'restoring\n{"name":"shöp","tables":{"public.t":2}}\n' });
    const end = await restore(scene);
    expect(end).to.deep.equal({
      kind: 'done',
      checks: [{ database: 'shöp', tables: 1, rows: 3, differences: ['public.t has 2 rows, and had 3'] }],
    });
    const applied = revealed(scene.fakes.runner.calls.find(({ args }) => args.includes('apply'))?.stdin) ?? '';
    expect(applied).to.include('globals.sql.zst 002.sql.zst 002.dump.zst');
    expect(applied).to.include(`002 ${Buffer.from('shöp').toString('base64')}`);
  });

  it('and breaks off says so in its last words', async () => {
    const scene = asked();
    scene.expect('kubectl', 'apply');
    scene.found('jobs.batch', [job('one', { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' })]);
    scene.found('pods', [{ kind: 'Pod', metadata: { name: 'one-x', namespace: 'data' } }]);
    scene.expect('kubectl', 'logs', { stdout: '002.dump.zst of 20261128T030000Z is not what was backed up\n' });
    const { code, text } = await refused(restore(scene));
    expect(code).to.equal('backup.dumpNotRestored');
    expect(text).to.include('002.dump.zst of 20261128T030000Z is not what was backed up');
  });
});
