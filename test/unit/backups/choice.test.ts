/** Which backup a restore takes, and what it says of those that it does not. */
import { expect } from 'chai';
import { chooseDump, chooseObjects, numbersOf } from '../../../src/backups/choice.ts';
import { idOf, isNewer, momentOf, readManifests, type DumpManifest } from '../../../src/backups/manifest.ts';
import type { Dump } from '../../../src/backups/store.ts';
import type { VeleroBackup } from '../../../src/cluster/velero.ts';
import type { FfopsError } from '../../../src/errors.ts';

const now = new Date('2026-11-28T12:00:00Z');

function backup(name: string, more: Partial<VeleroBackup> = {}): VeleroBackup {
  return {
    name,
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

describe('the backup that a restore takes', () => {
  const data = { name: 'data', namespaces: ['data'] };

  it('is the newest whole one that holds it and has not expired', () => {
    const all = [
      backup('partial', { phase: 'PartiallyFailed' }),
      backup('elsewhere', { namespaces: ['apps-hello'] }),
      backup('expired', { expires: '2026-11-01T00:00:00Z' }),
      backup('good'),
      backup('older'),
    ];
    expect(chooseObjects(all, data, undefined, now).name).to.equal('good');
    expect(chooseObjects(all, data, 'older', now).name).to.equal('older');
  });

  it('is none when none is whole, and the newest says why', () => {
    const { code, text } = refused(() =>
      chooseObjects([backup('p', { phase: 'PartiallyFailed' })], data, undefined, now),
    );
    expect(code).to.equal('backup.noneWhole');
    expect(text).to.include('p, is PartiallyFailed');
    expect(refused(() => chooseObjects([], data, undefined, now)).text).to.include('ffops backup create data');
  });

  it('is not the named one when that is partial, expired, or holds something else', () => {
    const all = [
      backup('partial', { phase: 'PartiallyFailed', errors: 3 }),
      backup('expired', { expires: '2026-11-01T00:00:00Z' }),
      backup('elsewhere', { namespaces: ['apps-hello'] }),
    ];
    expect(refused(() => chooseObjects(all, data, 'partial', now)))
      .to.include({ code: 'backup.partial' })
      .and.to.have.property('text')
      .that.includes('3 errors');
    expect(refused(() => chooseObjects(all, data, 'expired', now)).code).to.equal('backup.expired');
    expect(refused(() => chooseObjects(all, data, 'elsewhere', now)).text).to.include('holds apps-hello, and not data');
  });
});

describe('the dump that a restore takes', () => {
  it('is the newest whole one', () => {
    const broken: Dump = { engine: 'postgres', id: '20261128T040000Z', trouble: 'not whole', bytes: 1 };
    expect(chooseDump([broken, dump()], 'postgres', undefined, '17.9').id).to.equal(manifest.id);
    expect(refused(() => chooseDump([broken], 'postgres', undefined, '17.9'))).to.deep.include({
      code: 'backup.noDump',
    });
    expect(refused(() => chooseDump([broken, dump()], 'postgres', broken.id, '17.9')).code).to.equal(
      'backup.unfitDump',
    );
  });

  it('is not one of another environment', () => {
    const other = dump({ trouble: 'of another environment: shop-staging' });
    expect(refused(() => chooseDump([other], 'postgres', other.id, '17.9')).text).to.include('shop-staging');
  });

  it('is not one that a newer server wrote', () => {
    const newer = dump({ manifest: { ...manifest, version: '18.3' } });
    const { code, text } = refused(() => chooseDump([newer], 'postgres', undefined, '17.9'));
    expect(code).to.equal('backup.newerVersion');
    expect(text).to.include('databases.postgres.version');
    expect(
      chooseDump([dump({ manifest: { ...manifest, version: '17.10' } })], 'postgres', undefined, '17.9').version,
    ).to.equal('17.10');
    expect(isNewer('11.8', '11.4')).to.equal(true);
    expect(isNewer('11.4', '11.10')).to.equal(false);
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
