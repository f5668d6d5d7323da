/** Steps of a restore that somebody's data hangs on: what is refused, what is kept, what stands still meanwhile. */
import { expect } from 'chai';
import type { RestoreJournal } from '../../../src/backups/restore-journal.ts';
import { isSameWork } from '../../../src/backups/restore-journal.ts';
import type { BackupStore } from '../../../src/backups/store.ts';
import { consent } from '../../../src/usecases/restore/consent.ts';
import { clear } from '../../../src/usecases/restore/objects.ts';
import { plan } from '../../../src/usecases/restore/plan.ts';
import type { RestoreDeps, RestoreRequest, Scene as StepScene } from '../../../src/usecases/restore/scene.ts';
import { start, stop } from '../../../src/usecases/restore/standstill.ts';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { aBlueprint, aRelease, aStack, origin } from '../../support/blueprint.ts';
import { aScene, failure, folder, pin, type Scene } from '../cluster/harness.ts';

const volume = (name: string): Blueprint['volumes'][number] => ({
  name,
  namespace: 'apps-hello',
  release: 'hello',
  size: '1Gi',
  owner: 'hello',
  fileBackup: true,
});
const blueprint = aBlueprint({
  stacks: [
    aStack({ name: 'data', releases: [aRelease({ name: 'postgres', namespace: 'data', entry: 'postgres' })] }),
    aStack({ name: 'app-hello', releases: [aRelease({ name: 'hello', namespace: 'apps-hello', entry: 'hello' })] }),
    aStack({ name: 'app-n8n', releases: [aRelease({ name: 'n8n', namespace: 'apps-n8n', entry: 'n8n' })] }),
  ],
  namespaces: ['data', 'apps-hello', 'apps-n8n'].map((name) => ({ name, stack: name, labels: {}, origin })),
  databases: [{ engine: 'postgres', name: 'n8n', user: 'n8n', owner: 'n8n' } as Blueprint['databases'][number]],
  volumes: [volume('files'), volume('cache')],
});

const request: RestoreRequest = {
  what: 'hello',
  keep: true,
  yes: true,
  loseData: [],
  abandon: false,
  takeOver: false,
};
const journal: RestoreJournal = {
  id: '20261128T030000Z',
  asked: { what: 'hello' },
  objects: { backup: 'nightly', namespaces: [['apps-hello', 'apps-hello']] },
  dumps: [],
  keep: true,
  done: [],
  stopped: [],
  counted: [],
  notes: ['said by an earlier step'],
};

function depsOf(scene: Scene): RestoreDeps {
  return {
    ...scene.deps,
    network: scene.fakes.network,
    terminal: scene.fakes.terminal,
    pin: async () => pin,
    operator: { user: 'anna', host: 'laptop' },
    alone: (_command, work) => work(),
    cluster: {
      deliver: () => Promise.reject(new Error('nothing is delivered')),
      provisionDatabases: () => Promise.reject(new Error('nothing is provisioned')),
      waitUntilReady: async () => undefined,
    },
  };
}

function stepOf(scene: Scene, more: Partial<RestoreJournal> = {}): StepScene {
  return {
    deps: depsOf(scene),
    store: {} as BackupStore,
    journal: { ...journal, ...more },
    findings: {},
    emit: () => undefined,
  };
}

const fileBackup = (claim: string, phase = 'Completed') => ({
  kind: 'PodVolumeBackup',
  metadata: { name: claim, annotations: { 'velero.io/pvc-name': claim } },
  spec: { pod: { namespace: 'apps-hello' }, tags: { backup: 'nightly' } },
  status: { phase },
});
const claim = (name: string) => ({ kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'apps-hello' } });
const pod = (claimName: string, phase: string) => ({
  kind: 'Pod',
  metadata: { name: `hello-${claimName}`, namespace: 'apps-hello' },
  spec: { volumes: [{ persistentVolumeClaim: { claimName } }] },
  status: { phase },
});

describe('a restore', () => {
  it('does not replace a volume that nobody can back up before, unless it may be lost', async () => {
    const asked = (): Scene => {
      const scene = aScene(blueprint);
      scene.found('deployments.apps', [claim('files')]);
      return scene;
    };
    const scene = asked();
    scene.found('podvolumebackups.velero.io', [fileBackup('files'), fileBackup('cache', 'Failed')]);
    scene.found('pods', [claim('files'), claim('cache'), pod('files', 'Pending'), pod('cache', 'Pending')]);
    const error = await failure(consent(depsOf(scene), request, journal, () => undefined));
    expect(error.code).to.equal('consent.data-loss');
    expect(error.message).to.include('No pod has apps-hello/files open');
    await consent(depsOf(asked()), { ...request, loseData: ['hello'] }, journal, () => undefined);

    const readable = asked();
    readable.found('podvolumebackups.velero.io', [fileBackup('files')]);
    readable.found('pods', [claim('files'), pod('files', 'Running')]);
    await consent(depsOf(readable), request, journal, () => undefined);
    readable.fakes.verify();
  });

  it('clears the volumes whose files the backup holds, and no other', async () => {
    const scene = aScene(blueprint);
    scene.found('podvolumebackups.velero.io', [fileBackup('files'), fileBackup('cache', 'Failed')]);
    scene.expect('kubectl', 'delete');
    const step = stepOf(scene);
    const after = await clear(step);
    expect(scene.fakes.runner.calls.at(-1)?.args).to.include.members(['delete', 'persistentvolumeclaim', 'files']);
    expect(after, 'kept on disk, for the run that comes to the end').to.have.deep.property('notes', [
      'said by an earlier step',
      'apps-hello/cache: the backup has no files of it, so it stays as it is',
    ]);
    scene.fakes.verify();
  });

  it('lets nothing dump while databases are filled, and nothing work with them; and starts it again', async () => {
    const object = (kind: string, namespace: string, name: string, spec: object) => ({
      kind,
      metadata: { namespace, name },
      spec,
    });
    const scene = aScene(blueprint);
    const all = [
      object('Deployment', 'apps-n8n', 'n8n', { replicas: 2 }),
      object('Deployment', 'apps-hello', 'hello', { replicas: 1 }),
      object('StatefulSet', 'data', 'postgres', { replicas: 1 }),
      object('CronJob', 'data', 'postgres-dump', { suspend: false }),
      object('CronJob', 'data', 'postgres-restore', { suspend: true }),
    ];
    scene.found('deployments.apps', all);
    scene.expect('kubectl', 'scale');
    scene.expect('kubectl', '{"spec":{"suspend":true}}');
    scene.found('deployments.apps', all);
    const dumps: RestoreJournal['dumps'] = [{ engine: 'postgres', id: 'x' }];
    const { objects: _, ...rest } = journal;
    const step = { ...stepOf(scene), journal: { ...rest, dumps } };
    const after = (await stop(step)) as RestoreJournal;
    expect(after.stopped.map(({ kind, name, replicas }) => `${kind} ${name} ${replicas}`)).to.deep.equal([
      'deployment n8n 2',
      'cronjob postgres-dump 1',
    ]);
    expect(scene.fakes.files.content.get(`${folder}/restore.json`)).to.include('"name": "n8n"');

    scene.expect('kubectl', 'scale');
    scene.expect('kubectl', '{"spec":{"suspend":false}}');
    await start({ ...step, journal: after });
    expect(scene.fakes.runner.calls.findLast(({ args }) => args.includes('scale'))?.args).to.include.members(['2']);
    scene.fakes.verify();
  });

  it('of an app brings its own database with its files, and no other of the engine', async () => {
    const scene = aScene(blueprint);
    const infra = (kind: string, name: string, more: object) => ({
      kind,
      metadata: { name, namespace: 'infra' },
      ...more,
    });
    scene.found('backupstoragelocations.velero.io', [
      infra('BackupStorageLocation', 'default', {
        spec: { objectStorage: { bucket: 'shop-dev-backups' } },
        status: { phase: 'Available' },
      }),
    ]);
    scene.found('deployments.apps', [infra('Deployment', 'velero', { status: { availableReplicas: 1 } })]);
    const labels = { 'ffops.dev/backup-of': 'shop-dev' };
    scene.found('backups.velero.io', [
      {
        kind: 'Backup',
        metadata: { name: 'nightly', namespace: 'infra', labels, creationTimestamp: '2026-11-28T03:00:00Z' },
        spec: { includedNamespaces: ['apps-n8n'] },
        status: { phase: 'Completed' },
      },
    ]);
    scene.found('cronjobs.batch', []);
    const dumped = (name: string, file: string) => ({ name, file, bytes: 1, sha256: 'a', size: 1, tables: {} });
    const id = '20261128T030000Z';
    const store = {
      dumps: async (engine: string) => [
        {
          ...{ engine, id, bytes: 2 },
          manifest: {
            ...{ schema: 'ffops.dump/v1', engine, version: '17.9', environment: 'shop-dev', id, began: '', ended: '' },
            databases: [dumped('blog', '001.dump.zst'), dumped('n8n', '002.dump.zst')],
          },
        },
      ],
    } as unknown as BackupStore;
    const planned = await plan(depsOf(scene), store, { ...request, what: 'n8n' }, []);
    expect(planned.objects).to.deep.equal({ backup: 'nightly', namespaces: [['apps-n8n', 'apps-n8n']] });
    expect(planned.dumps).to.deep.equal([{ engine: 'postgres', id, databases: ['n8n'] }]);
    scene.fakes.verify();
  });

  it('of a database does not go into a namespace, and is of an engine', async () => {
    const planned = (more: Partial<RestoreRequest>) =>
      failure(plan(depsOf(aScene(blueprint)), {} as BackupStore, { ...request, ...more }, []));
    expect((await planned({ database: 'n8n', to: 'aside' })).code).to.equal('backup.databaseToNamespace');
    const { code, message } = await planned({ database: 'n8n' });
    expect([code, message]).to.deep.equal(['backup.whichEngine', 'hello has no database n8n of its own.']);
  });

  it('is gone on with by whoever asks for the same, and not for another backup', () => {
    const begun = { what: 'hello', from: 'nightly' };
    expect(isSameWork({ what: 'hello' }, begun)).to.equal(true);
    expect(isSameWork({ what: 'hello', from: 'nightly' }, begun)).to.equal(true);
    expect(isSameWork({ what: 'hello', from: 'another' }, begun)).to.equal(false);
    expect(isSameWork({ what: 'hello', from: 'another' }, { what: 'hello' })).to.equal(false);
    expect(isSameWork({ what: 'hello', to: 'aside' }, begun)).to.equal(false);
  });
});
