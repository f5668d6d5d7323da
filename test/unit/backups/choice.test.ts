/** Which backup a restore takes, and what it says of those that it does not. */
import { expect } from 'chai';
import { chooseDump, chooseObjects, momentNamed, numbersOf } from '../../../src/backups/choice.ts';
import { idOf, isNewer, momentOf, readManifests, type DumpManifest } from '../../../src/backups/manifest.ts';
import type { Dump } from '../../../src/backups/store.ts';
import type { VeleroBackup } from '../../../src/cluster/velero.ts';
import type { FfopsError } from '../../../src/errors.ts';

const now = new Date('2026-11-28T12:00:00Z');

function backup(name: string, more: Partial<VeleroBackup> = {}): VeleroBackup {
  return {
    name,
    of: 'shop-prod',
    namespaces: ['data'],
    phase: 'Completed',
    startedAt: '2026-11-28T03:00:00Z',
    expires: '2026-12-28T03:00:00Z',
    errors: 0,
    warnings: 0,
    reasons: [],
    itemsDone: 9,
    itemsTotal: 9,
    ...more,
  };
}

const manifest: DumpManifest = {
  schema: 'ffops.dump/v1',
  engine: 'postgres',
  version: '17.9',
  environment: 'shop-prod',
  id: '20261128T030000Z',
  began: '2026-11-28T03:00:00Z',
  ended: '2026-11-28T03:01:00Z',
  databases: [{ name: 'shop', file: '001.dump.zst', bytes: 1, sha256: 'a', size: 1, tables: { 'public.t': 3 } }],
};

function dump(more: Partial<Dump> = {}): Dump {
  return { engine: 'postgres', id: manifest.id, manifest, bytes: 9, ...more };
}

function refused(work: () => unknown): { readonly code: string; readonly text: string } {
  try {
    work();
  } catch (error) {
    const { code, problems } = error as FfopsError;
    return { code, text: problems.map(({ message, hints = [] }) => [message, ...hints].join('\n')).join('\n') };
  }
  throw new Error('it was not refused');
}

/** What `--from` and `--of` say. */
const own = { of: 'shop-prod' };
const from = (id: string, of = 'shop-prod') => ({ of, from: id });

describe('the backup that a restore takes', () => {
  const data = { name: 'data', namespaces: ['data'] };
  const choose = (all: readonly VeleroBackup[], wish: { of: string; from?: string }, near?: Date): VeleroBackup =>
    chooseObjects(all, data, wish, near, now);

  it('is the newest whole one that holds it and has not expired', () => {
    const all = [
      backup('partial', { phase: 'PartiallyFailed' }),
      backup('elsewhere', { namespaces: ['apps-hello'] }),
      backup('expired', { expires: '2026-11-01T00:00:00Z' }),
      backup('theirs', { of: 'shop-staging' }),
      backup('good'),
      backup('older'),
    ];
    expect(choose(all, own).name).to.equal('good');
    expect(choose(all, from('older')).name).to.equal('older');
  });

  it('is none when none is whole, and the newest says why', () => {
    const { code, text } = refused(() => choose([backup('p', { phase: 'PartiallyFailed' })], own));
    expect(code).to.equal('backup.noneWhole');
    expect(text).to.include('p, is PartiallyFailed');
    expect(refused(() => choose([], own)).text).to.include('ffops backup create data');
  });

  it('is not the named one when that is partial, expired, or holds something else', () => {
    const all = [
      backup('partial', { phase: 'PartiallyFailed', errors: 3 }),
      backup('expired', { expires: '2026-11-01T00:00:00Z' }),
      backup('elsewhere', { namespaces: ['apps-hello'] }),
    ];
    expect(refused(() => choose(all, from('partial'))))
      .to.include({ code: 'backup.partial' })
      .and.to.have.property('text')
      .that.includes('3 errors');
    expect(refused(() => choose(all, from('expired'))).code).to.equal('backup.expired');
    expect(refused(() => choose(all, from('elsewhere'))).text).to.include('holds apps-hello, and not data');
  });

  it("is another environment's only when that one is named", () => {
    const all = [backup('theirs', { of: 'shop-staging' }), backup('by-hand', { of: undefined })];
    const named = refused(() => choose(all, from('theirs')));
    expect(named.code).to.equal('backup.anothers');
    expect(named.text)
      .to.include('theirs is a backup of shop-staging, and not of shop-prod')
      .and.include('--of shop-staging');
    expect(choose(all, from('theirs', 'shop-staging')).name).to.equal('theirs');
    expect(choose(all, { of: 'shop-staging' }).name).to.equal('theirs');
    expect(refused(() => choose(all, own)).text).to.include('`--of shop-staging` restores from those');
    const nobodys = refused(() => choose(all, from('by-hand')));
    expect(nobodys.code).to.equal('backup.nobodys');
    expect(nobodys.text).to.include('label backups.velero.io by-hand -n infra ffops.dev/backup-of=shop-prod');
  });

  it('is of the same time as the dump that was named', () => {
    const all = [
      backup('today', { startedAt: '2026-11-28T03:00:00Z' }),
      backup('yesterday', { startedAt: '2026-11-27T03:00:00Z' }),
      backup('before', { startedAt: '2026-11-26T03:00:00Z' }),
    ];
    const near = momentNamed(manifest.id.replace('28T', '27T'), all, [dump({ id: '20261127T030000Z' })]);
    expect(choose(all, from('20261127T030000Z'), near).name).to.equal('yesterday');
    expect(momentNamed(undefined, all, [])).to.equal(undefined);
    expect(refused(() => momentNamed('no-such', all, []))).to.deep.include({ code: 'backup.unknown' });
  });
});

describe('the dump that a restore takes', () => {
  const choose = (all: readonly Dump[], wish: { of: string; from?: string }, near?: Date): DumpManifest =>
    chooseDump(all, 'postgres', wish, near, '17.9');
  const broken: Dump = { engine: 'postgres', id: '20261128T040000Z', trouble: 'not whole', bytes: 1 };

  it('is the newest whole one', () => {
    expect(choose([broken, dump()], own).id).to.equal(manifest.id);
    expect(refused(() => choose([broken], own))).to.deep.include({ code: 'backup.noDump' });
    expect(refused(() => choose([broken, dump()], from(broken.id))).code).to.equal('backup.unfitDump');
  });

  it('is of the same time as the backup that was named', () => {
    const older = dump({ id: '20261127T030000Z', manifest: { ...manifest, id: '20261127T030000Z' } });
    const backups = [backup('velero-daily-20261127030000', { startedAt: '2026-11-27T03:00:04Z' })];
    const near = momentNamed('velero-daily-20261127030000', backups, [dump(), older]);
    expect(choose([dump(), older], from('velero-daily-20261127030000'), near).id).to.equal(older.id);
  });

  it("is another environment's only when that one is named", () => {
    const theirs = dump({ manifest: { ...manifest, environment: 'shop-staging' } });
    expect(refused(() => choose([theirs], from(theirs.id))).text).to.include('is a backup of shop-staging');
    expect(refused(() => choose([theirs], own)).text).to.include('--of shop-staging');
    expect(choose([theirs], { of: 'shop-staging' }).environment).to.equal('shop-staging');
  });

  it('is not one that a newer server wrote', () => {
    const newer = dump({ manifest: { ...manifest, version: '18.3' } });
    const { code, text } = refused(() => choose([newer], own));
    expect(code).to.equal('backup.newerVersion');
    expect(text).to.include('databases.postgres.version');
    expect(choose([dump({ manifest: { ...manifest, version: '17.10' } })], own).version).to.equal('17.10');
    expect(isNewer('mariadb', '11.8', '11.4')).to.equal(true);
    expect(isNewer('mariadb', '11.4', '11.10')).to.equal(false);
    expect(isNewer('mariadb', '11.8', '11')).to.equal(false);
  });

  it('has the database that is asked for', () => {
    expect(numbersOf(manifest, ['shop'])).to.have.length(1);
    expect(refused(() => numbersOf(manifest, ['blog'])).text).to.include('It has shop.');
  });

  it('is named by the moment it was made', () => {
    expect(momentOf(idOf(now))?.getTime()).to.equal(now.getTime());
    expect(momentOf('data-20261128t030000z')).to.equal(undefined);
  });

  it('by a newer ffops is told apart from damage', () => {
    const text = `${JSON.stringify(manifest)}\n{"schema":"ffops.dump/v2"}\nnonsense\n`;
    expect(readManifests(text).map((one) => (one.kind === 'whole' ? one.manifest.id : one.schema))).to.deep.equal([
      manifest.id,
      'ffops.dump/v2',
      'nothing that ffops knows',
    ]);
  });
});
