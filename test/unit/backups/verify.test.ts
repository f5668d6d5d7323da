/** What came back, against what was backed up. */
import { expect } from 'chai';
import { jobManifest } from '../../../src/backups/jobs.ts';
import { resultLines } from '../../../src/cluster/velero.ts';
import { checkDatabase, readCounts, wantedObjects } from '../../../src/backups/verify.ts';
import { parseObjects } from '../../../src/tools/kubectl.ts';

const wanted = {
  name: 'shop',
  file: '001.dump.zst',
  bytes: 1,
  sha256: 'a',
  size: 1,
  tables: { a: 3, b: 0 },
  largeObjects: 2,
};

describe('what came back', () => {
  it('is read out of a log that says other things too', () => {
    const log =
      '01:22:14 restoring 001\n{"name" : "shop", "tables" : {"a" : 3, "b" : 0}, "largeObjects" : 2}\n{broken\n';
    expect(readCounts(log)).to.deep.equal([{ name: 'shop', tables: { a: 3, b: 0 }, largeObjects: 2 }]);
  });

  it('is as it was when every table has its rows', () => {
    expect(checkDatabase(wanted, { name: 'shop', tables: { a: 3, b: 0 }, largeObjects: 2 })).to.deep.equal({
      database: 'shop',
      tables: 2,
      rows: 3,
      differences: [],
    });
  });

  it('differs by name', () => {
    const { differences } = checkDatabase(wanted, { name: 'shop', tables: { a: 2, c: 1 } });
    expect(differences).to.deep.equal([
      'a has 2 rows, and had 3',
      'b is missing',
      'c is not in the backup',
      '0 large objects, and there were 2',
    ]);
    expect(checkDatabase(wanted, undefined).differences).to.deep.equal(['it was not restored']);
  });

  it('must hold every object of the backup but those that controllers make anew', () => {
    const list = {
      'apps/v1/Deployment': ['apps-hello/hello', 'other/x'],
      'v1/Pod': ['apps-hello/hello-1'],
      'v1/Namespace': ['apps-hello'],
      'networking.k8s.io/v1/Ingress': ['apps-hello/hello'],
    };
    const namespaces = new Map([['apps-hello', 'drill']]);
    expect(wantedObjects(list, namespaces, new Set(['networking.k8s.io/v1/Ingress']))).to.deep.equal([
      { kind: 'apps/v1/Deployment', namespace: 'drill', name: 'hello' },
    ]);
  });

  it("is explained in Velero's own words", () => {
    const results = { errors: { velero: null, cluster: ['c'], namespaces: { data: ['no volume'] } }, warnings: {} };
    expect(resultLines(JSON.stringify(results), 'errors')).to.deep.equal(['c', 'data: no volume']);
    expect(resultLines(JSON.stringify(results), 'warnings')).to.deep.equal([]);
  });
});

describe('a Job made from a CronJob', () => {
  const cronJob = parseObjects(
    JSON.stringify({
      kind: 'CronJob',
      metadata: { name: 'postgres-restore' },
      spec: {
        jobTemplate: {
          spec: {
            backoffLimit: 0,
            template: {
              spec: {
                initContainers: [{ name: 'fetch', env: [{ name: 'ID', value: 'old' }] }],
                containers: [{ name: 'restore', image: 'postgres' }],
                volumes: [
                  { name: 'exchange', emptyDir: {} },
                  { name: 'temporary', emptyDir: {} },
                ],
              },
            },
          },
        },
      },
    }),
  )[0]!;

  it('has the variables in every container, once, and a disk of the size that is needed', () => {
    const wish = {
      namespace: 'data',
      cronJob: 'postgres-restore',
      name: 'one',
      variables: { ID: 'new' },
      scratchBytes: 5 * 1024 ** 3,
    };
    const job = jobManifest(cronJob, wish) as {
      spec: {
        backoffLimit: number;
        template: { spec: Record<'initContainers' | 'containers' | 'volumes', Record<string, unknown>[]> };
      };
    };
    expect(job.spec.backoffLimit).to.equal(0);
    const { initContainers, containers, volumes } = job.spec.template.spec;
    expect([...initContainers, ...containers].map(({ env }) => env)).to.deep.equal([
      [{ name: 'ID', value: 'new' }],
      [{ name: 'ID', value: 'new' }],
    ]);
    expect(JSON.stringify(volumes[0])).to.include('"storage":"5120Mi"');
    expect(volumes[1]).to.deep.equal({ name: 'temporary', emptyDir: {} });
  });
});
