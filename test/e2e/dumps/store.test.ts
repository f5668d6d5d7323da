/** The bucket of the backups as ffops sees it: the real rclone and a real S3 server, and all that can be wrong with what lies there. */
import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../../../src/adapters/clock.ts';
import { realNetwork } from '../../../src/adapters/network.ts';
import type { BackupDeps } from '../../../src/backups/hands.ts';
import { openBackupStore, type Dump } from '../../../src/backups/store.ts';
import type { FfopsError } from '../../../src/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import { aBlueprint } from '../../support/blueprint.ts';
import {
  ACCESS_KEY,
  BUCKET,
  DUMPS_KEY,
  openDumpBench,
  SECRET_KEY,
  type DumpBench,
} from '../../support/dump-scripts.ts';
import { fakePorts } from '../../support/fakes.ts';
import { tempFolder } from '../../support/temp.ts';
import { testPorts, toolOrSkip } from '../../support/tools.ts';

const manifest = (id: string, more: object = {}): object => ({
  schema: 'ffops.dump/v1',
  engine: 'postgres',
  version: '17.9',
  environment: 'shop-prod',
  id,
  began: '2026-11-28T03:00:00Z',
  ended: '2026-11-28T03:01:00Z',
  databases: [{ name: 'shop', file: '001.dump.zst', bytes: 4, sha256: 'a', size: 1, tables: { t: 3 } }],
  ...more,
});

describe('the bucket of the backups', function () {
  this.timeout(120_000);
  const folder = tempFolder();
  let bench: DumpBench;
  let rclone: string;

  before(async function () {
    rclone = await toolOrSkip(this, 'rclone');
    bench = await openDumpBench(folder.path, { rclone, versitygw: await toolOrSkip(this, 'versitygw') });
  });
  after(async () => {
    await bench?.close();
    folder.remove();
  });

  async function put(id: string, files: Readonly<Record<string, string>>): Promise<void> {
    const from = join(folder.path, 'from', id);
    mkdirSync(from, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(from, name), content);
    const copied = await bench.rclone('copy', from, `dumps:postgres/${id}`);
    expect(copied.exitCode, copied.stderr).to.equal(0);
  }

  interface Wrong {
    readonly endpoint?: string;
    readonly bucket?: string;
    readonly secrets?: Readonly<Record<string, string>>;
  }

  function depsOf({ endpoint = bench.endpoint, bucket = BUCKET, secrets = {} }: Wrong = {}): BackupDeps {
    const { runner, files } = testPorts();
    const values: Readonly<Record<string, string>> = {
      'backups.accessKey': ACCESS_KEY,
      'backups.secretKey': SECRET_KEY,
      'backups.dumpsKey': DUMPS_KEY,
      ...secrets,
    };
    return {
      clock: realClock(),
      files,
      network: realNetwork({}),
      interruption: fakePorts().interruption,
      run: (_tool, call) => runner.run({ program: rclone, ...call }),
      pin: () => Promise.reject(new Error('no cluster is asked')),
      secrets: { get: async (name) => new Secret(values[name] ?? '') },
      blueprint: aBlueprint({
        environment: 'prod',
        backupStorage: { bucket, region: 'us-east-1', endpoint: 'https://storage.test' },
      }),
      surroundings: { podsRun: true, storageUrl: endpoint },
    };
  }

  async function dumps(wrong?: Wrong): Promise<readonly Dump[]> {
    return (await openBackupStore(depsOf(wrong))).dumps('postgres');
  }

  async function refused(wrong: Wrong): Promise<string> {
    try {
      await dumps(wrong);
    } catch (error) {
      const { code, problems } = error as FfopsError;
      return [code, ...problems.flatMap(({ message, hints = [] }) => [message, ...hints])].join('\n');
    }
    throw new Error('it was not refused');
  }

  it('is empty before the first dump', async () => {
    expect(await dumps()).to.deep.equal([]);
  });

  it('holds whole dumps, and says of the others why they are none', async () => {
    const files = { '001.dump.zst': 'dump', '001.sql.zst': 'sql', 'globals.sql.zst': 'roles', SHA256SUMS: '' };
    await put('20261101T030000Z', { ...files, 'manifest.json': `${JSON.stringify(manifest('20261101T030000Z'))}\n` });
    await put('20261102T030000Z', files);
    await put('20261103T030000Z', {
      ...files,
      'manifest.json': `${JSON.stringify(manifest('20261103T030000Z', { environment: 'shop-staging' }))}\n`,
    });
    await put('20261104T030000Z', {
      ...files,
      'manifest.json': `${JSON.stringify(manifest('20261104T030000Z', { schema: 'ffops.dump/v2' }))}\n`,
    });
    await put('20261105T030000Z', { 'manifest.json': `${JSON.stringify(manifest('20261105T030000Z'))}\n` });
    const whole = { 'manifest.json': `${JSON.stringify(manifest('20261106T030000Z'))}\n` };
    await put('20261106T030000Z', { ...files, ...whole, '001.dump.zst': 'dum' });
    await put('20261107T030000Z', {
      '001.dump.zst': 'dump',
      'manifest.json': `${JSON.stringify(manifest('20261107T030000Z'))}\n`,
    });
    const found = await dumps();
    expect(found.map(({ id, trouble }) => [id, trouble])).to.deep.equal([
      ['20261107T030000Z', 'not whole: globals.sql.zst, SHA256SUMS, 001.sql.zst missing'],
      ['20261106T030000Z', 'damaged: the dump of shop has 3 bytes of 4'],
      ['20261105T030000Z', 'not whole: the dump of shop is missing'],
      ['20261104T030000Z', 'its manifest cannot be read: another key, damage, or a newer ffops'],
      ['20261103T030000Z', undefined],
      ['20261102T030000Z', 'not whole: it is being made, or it broke off'],
      ['20261101T030000Z', undefined],
    ]);
    expect(found.find(({ id }) => id === '20261103T030000Z')?.manifest?.environment).to.equal('shop-staging');
    expect(found.at(-1)?.manifest?.databases[0]?.tables).to.deep.equal({ t: 3 });
  });

  it('opens with one key of the dumps alone', async () => {
    const found = await dumps({ secrets: { 'backups.dumpsKey': 'another' } });
    expect(found.filter(({ trouble }) => trouble === undefined)).to.deep.equal([]);
    expect(found.at(-1)?.trouble).to.include('another key');
  });

  it('that is missing, refuses the key or does not answer says which, and what to do', async () => {
    expect(await refused({ bucket: 'nobody-made-this' })).to.include('ffops apply --stack base');
    expect(await refused({ secrets: { 'backups.secretKey': 'wrong' } })).to.include(
      'ffops secrets set backups.accessKey',
    );
    expect(await refused({ endpoint: 'http://127.0.0.1:9' })).to.include('It does not answer');
  });
});
