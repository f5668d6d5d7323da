import { expect } from 'chai';
import { provisionDatabases } from '../../../src/cluster/databases.ts';
import type { Provisioner } from '../../../src/model/blueprint.ts';
import type { Secret } from '../../../src/model/secret.ts';
import { aBlueprint } from '../../support/blueprint.ts';
import { aScene, failure, pin, type Scene } from './harness.ts';

const provisioner: Provisioner = {
  engine: 'postgres',
  namespace: 'data',
  stack: 'data',
  cronJob: 'postgres-databases',
  secret: 'postgres-databases',
};
const database = (owner: string, engine: 'postgres' | 'mariadb' = 'postgres') => ({
  engine,
  name: owner,
  user: owner,
  owner,
  passwordSecret: `${owner}.databasePassword`,
});
const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'postgres-databases', namespace: 'data' },
  spec: { jobTemplate: { spec: { backoffLimit: 1, template: { spec: { containers: [] } } } } },
};
const job = (...conditions: string[]) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'postgres-databases-x', namespace: 'data', uid: 'uid-of-the-job' },
  status: { conditions: conditions.map((type) => ({ type, status: 'True' })) },
});
const pod = (name: string, created: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'data', uid: name, creationTimestamp: created },
  status: {
    phase: 'Failed',
    containerStatuses: [{ name: 'databases', state: { waiting: { reason: 'ImagePullBackOff' } } }],
  },
});

function scene(kind: 'real' | 'sandbox' = 'real'): Scene {
  return aScene(aBlueprint({ databases: [database('n8n'), database('shop', 'mariadb'), database('twenty')] }), {
    secrets: { 'n8n.databasePassword': 'canary-one', 'twenty.databasePassword': 'canary-two' },
    surroundings: { kind, podsRun: kind === 'real' },
  });
}

/** Secret, Job, Secret again: everything that was applied, as objects. */
function applied({
  fakes,
}: Scene): readonly { kind: string; metadata: Record<string, unknown>; data?: Record<string, string> }[] {
  return fakes.runner.calls
    .filter(({ args }) => args.includes('apply'))
    .flatMap(({ stdin }) => (JSON.parse((stdin as Secret).reveal()) as { items: [] }).items);
}

function started(one: Scene, ...conditions: string[]): void {
  one.found('cronjobs', [cronJob]);
  for (let count = 0; count < 3; count++) one.expect('kubectl', 'apply');
  one.found('jobs', [job()], 2);
  one.found('jobs', [job(...conditions)]);
}

describe('databases, made by a Job', () => {
  it('are told to it by a Secret that goes with it, and what it says comes back', async () => {
    const one = scene();
    started(one, 'Complete');
    one.found('pods', [pod('b', '2026-01-01T00:00:02Z'), pod('a', '2026-01-01T00:00:01Z')]);
    one.expect('kubectl', 'logs', {
      stdout: 'ffops 1 role-created\nffops 1 database-created\nffops 1 done\nffops 2 done\n',
    });
    expect(await provisionDatabases(one.deps, pin, provisioner)).to.deep.equal([
      { engine: 'postgres', name: 'n8n', owner: 'n8n', did: ['role-created', 'database-created'] },
      { engine: 'postgres', name: 'twenty', owner: 'twenty', did: [] },
    ]);
    const [secret, made, owned] = applied(one);
    const plain = Object.fromEntries(
      Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
    expect(plain).to.deep.equal({
      DATABASE_1_NAME: 'n8n',
      DATABASE_1_USER: 'n8n',
      DATABASE_1_PASSWORD: 'canary-one',
      DATABASE_2_NAME: 'twenty',
      DATABASE_2_USER: 'twenty',
      DATABASE_2_PASSWORD: 'canary-two',
    });
    expect(made).to.deep.include({ kind: 'Job', spec: cronJob.spec.jobTemplate.spec });
    expect(made?.metadata['name']).to.match(/^postgres-databases-[0-9a-z]+$/);
    expect(owned?.metadata['ownerReferences']).to.deep.equal([
      { apiVersion: 'batch/v1', kind: 'Job', name: 'postgres-databases-x', uid: 'uid-of-the-job' },
    ]);
    const logs = one.fakes.runner.calls.find(({ args }) => args.includes('logs'));
    expect(logs?.args, 'the last attempt').to.include('b');
    expect(JSON.stringify(one.fakes.runner.calls.map(({ args, env }) => [args, env]))).not.to.include('canary');
  });

  it('are not said to be made where no process runs', async () => {
    const one = scene('sandbox');
    started(one, 'Complete');
    const all = await provisionDatabases(one.deps, pin, provisioner);
    expect(all.map(({ did }) => did)).to.deep.equal(['nothing-ran', 'nothing-ran']);
  });

  it('are not said to be made when the log cannot be read', async () => {
    const one = scene();
    started(one, 'Complete');
    one.found('pods', []);
    const all = await provisionDatabases(one.deps, pin, provisioner);
    expect(all.map(({ did }) => did)).to.deep.equal(['unheard', 'unheard']);
  });

  it('name the app whose database failed, with the last words and without a password', async () => {
    const one = scene();
    started(one, 'Failed');
    one.found('pods', [pod('a', '')]);
    one.expect('kubectl', 'logs', { stdout: 'ffops 1 done\npsql: error: canary-two is wrong\nffops 2 failed\n' });
    const error = await failure(provisionDatabases(one.deps, pin, provisioner));
    expect(error.code).to.equal('databases.failed');
    expect(error.message).to.include('database of twenty could not');
    expect((error.problems as { hints: string[] }[])[0]?.hints).to.deep.equal(['psql: error: [secret] is wrong']);
  });

  it('say what the pod is stuck at when it has no words', async () => {
    const one = scene();
    started(one, 'Failed');
    one.found('pods', [pod('a', '')], 2);
    one.expect('kubectl', 'logs', { exitCode: 1 });
    one.found('events', []);
    const error = await failure(provisionDatabases(one.deps, pin, provisioner));
    expect(JSON.stringify(error.problems)).to.include('ImagePullBackOff');
  });

  it('need their server first, and leave nothing behind without it', async () => {
    const one = scene();
    one.found('cronjobs', []);
    const error = await failure(provisionDatabases(one.deps, pin, provisioner));
    expect(error.code).to.equal('databases.noServer');
    expect(applied(one)).to.deep.equal([]);
  });

  it('are nobody’s where no app wants one', async () => {
    const one = aScene(aBlueprint());
    expect(await provisionDatabases(one.deps, pin, provisioner)).to.deep.equal([]);
  });
});
