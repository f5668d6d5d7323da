import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realFiles } from '../../../src/adapters/files.ts';
import { FailedError, UserError } from '../../../src/errors.ts';
import { packageChart, packageCharts, placeCharts, sha256 } from '../../../src/render/charts.ts';
import { fakeFiles } from '../../support/fakes.ts';
import { tempFolder } from '../../support/temp.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const chart = (template: string, version = '0.1.0') =>
  new Map([
    ['templates/a.yaml', bytes(template)],
    ['Chart.yaml', bytes(`apiVersion: v2\nname: small\nversion: ${version}\n`)],
  ]);

describe('our own charts', () => {
  it('have a version that changes with their content, and with nothing else', () => {
    const one = packageChart(chart('a: 1\n'));
    const again = packageChart(new Map([...chart('a: 1\n')].reverse()));
    const other = packageChart(chart('a: 2\n'));
    expect(one.version).to.match(/^0\.1\.0-h[0-9a-f]{10}$/);
    expect(one.file).to.equal(`small-${one.version}.tgz`);
    expect(again.digest).to.equal(one.digest);
    expect(other.version).not.to.equal(one.version);
    expect(packageChart(chart('a: 1\n', '0.2.0')).version).to.match(/^0\.2\.0-h/);
  });

  it('are archives that tar reads, with the version inside', () => {
    const folder = tempFolder();
    try {
      const packed = packageChart(chart('a: 1\n'.repeat(30_000)));
      const path = join(folder.path, packed.file);
      writeFileSync(path, packed.bytes);
      expect(execFileSync('tar', ['-tzf', path], { encoding: 'utf8' })).to.equal(
        'small/Chart.yaml\nsmall/templates/a.yaml\n',
      );
      expect(execFileSync('tar', ['-xzOf', path, 'small/Chart.yaml'], { encoding: 'utf8' })).to.include(
        `version: ${packed.version}\n`,
      );
      expect(execFileSync('tar', ['-xzOf', path, 'small/templates/a.yaml'], { encoding: 'utf8' }).length).to.equal(
        150_000,
      );
    } finally {
      folder.remove();
    }
  });

  it('say what is missing in Chart.yaml', () => {
    expect(() => packageChart(new Map([['Chart.yaml', bytes('name: small\n')]]))).to.throw(UserError, /version/);
    expect(() => packageChart(new Map())).to.throw(UserError, /name/);
  });

  it('are all packed from the package', async () => {
    const charts = await packageCharts(realFiles());
    expect(charts.map(({ name }) => name)).to.deep.equal([
      'alerts',
      'cluster-issuers',
      'dumps',
      'hello',
      'mariadb',
      'object-storage',
      'postgres',
      'valkey',
      'waf',
      'web-app',
    ]);
  });
});

describe('the folder of charts', () => {
  const upstream = {
    name: 'big',
    version: '1.0.0',
    file: 'big-1.0.0.tgz',
    digest: sha256(bytes('archive')),
    path: '/cache/big-1.0.0.tgz',
  };

  it('gets what it lacks, and nothing twice', async () => {
    const files = fakeFiles({ '/cache/big-1.0.0.tgz': 'archive' });
    const own = packageChart(chart('a: 1\n'));
    await placeCharts(files, '/w/charts', [own], [upstream]);
    expect(await files.list('/w/charts')).to.deep.equal(['big-1.0.0.tgz', own.file]);
    expect(sha256((await files.readBytes(`/w/charts/${own.file}`)) ?? bytes(''))).to.equal(own.digest);
    await files.remove('/cache/big-1.0.0.tgz');
    await placeCharts(files, '/w/charts', [own], [upstream]);
  });

  it('gets an archive anew when somebody changed it', async () => {
    const files = fakeFiles({ '/cache/big-1.0.0.tgz': 'archive', '/w/charts/big-1.0.0.tgz': 'changed' });
    await placeCharts(files, '/w/charts', [], [upstream]);
    expect(await files.read('/w/charts/big-1.0.0.tgz')).to.equal('archive');
  });

  it('refuses an archive that is not the one recorded', async () => {
    const files = fakeFiles({ '/cache/big-1.0.0.tgz': 'another' });
    const refused = await placeCharts(files, '/w/charts', [], [upstream]).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(FailedError);
    expect((refused as FailedError).message).to.include('big 1.0.0');
    expect(await files.list('/w/charts')).to.deep.equal([]);
  });
});
