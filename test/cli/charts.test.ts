/** The charts of real environments, locked, vendored and changed, with a Helm repository on loopback. */
import { expect } from 'chai';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realFiles } from '../../src/adapters/files.ts';
import { loadPins } from '../../src/toolchain/pins.ts';
import type { ChartLine } from '../../src/usecases/charts.ts';
import { chartRepository, type ChartRepository } from '../support/chart-repository.ts';
import { cliHome, type CliHome } from '../support/cli.ts';

describe('ffops charts', function () {
  this.timeout(120_000);
  let cli: CliHome;
  let server: ChartRepository;
  const digests = new Map<string, string>();
  before(async () => {
    cli = cliHome('fullfrontend');
    server = await chartRepository();
    for (const [name, { version }] of Object.entries((await loadPins(realFiles())).charts))
      digests.set(name, server.publish(name, version));
    writeFileSync(file('ffops.yaml'), `${read('ffops.yaml')}\ncharts:\n  mirror: ${server.url}\n`);
  });
  after(async () => {
    await server.close();
    cli.remove();
  });

  const file = (path: string): string => join(cli.folder, path);
  const read = (path: string): string => readFileSync(file(path), 'utf8');
  const online = { variables: { FFOPS_OFFLINE: undefined } };
  const lines = async (words: string[], options = {}): Promise<readonly ChartLine[]> =>
    (await cli.within([...words, '--json'], options)).json<{ result: { charts: ChartLine[] } }>().result.charts;

  it('say what cannot be had, and lock the versions of it', async () => {
    const { exitCode, stdout } = await cli.within(['charts', 'lock']);
    expect(exitCode).to.equal(1);
    expect(stdout).to.include('FFOPS_OFFLINE is set').and.include('ffops charts vendor').and.include('6 charts of 6');
    expect(read('ffops.lock.yaml'))
      .to.include('repository: https://traefik.github.io/charts')
      .and.not.include(' digest:');
  });

  it('lock every chart of every environment, once', async () => {
    const locked = await lines(['charts', 'lock'], online);
    expect(new Map(locked.map(({ name, digest }) => [name, digest]))).to.deep.equal(digests);
    expect(locked.find(({ name }) => name === 'traefik')?.environments).to.deep.equal(['dev', 'prod']);
    const before = read('ffops.lock.yaml');
    expect((await lines(['charts', 'lock'])).map(({ change }) => change)).to.deep.equal(locked.map(() => 'none'));
    expect(read('ffops.lock.yaml')).to.equal(before);
  });

  it('are vendored, and what no environment uses goes', async () => {
    expect((await cli.within(['charts', 'vendor'])).exitCode).to.equal(0);
    writeFileSync(file('vendor/charts/velero-1.0.0.tgz'), 'old');
    const { exitCode, stdout } = await cli.within(['charts', 'vendor']);
    expect(exitCode).to.equal(0);
    expect(stdout).to.include('removed vendor/charts/velero-1.0.0.tgz');
    expect(readdirSync(file('vendor/charts'))).to.have.length(digests.size);
  });

  it('stop a real environment when one is not the locked one', async () => {
    const [name] = readdirSync(file('vendor/charts')).filter((one) => one.startsWith('traefik'));
    const whole = readFileSync(file(`vendor/charts/${name!}`));
    writeFileSync(file(`vendor/charts/${name!}`), 'somebody else');
    const { exitCode, stderr } = await cli.within(['render', '-e', 'prod']);
    expect(exitCode).to.equal(1);
    const told = stderr.replace(/\s+/g, ' ');
    for (const words of [`vendor/charts/${name!}`, 'ffops.lock.yaml', digests.get('traefik')!, 'ffops charts vendor'])
      expect(told).to.include(words);
    // The archive in the cache is the right one still, and is put in its place.
    expect((await cli.within(['charts', 'vendor'])).exitCode).to.equal(0);
    expect(Buffer.compare(readFileSync(file(`vendor/charts/${name!}`)), whole)).to.equal(0);
    expect((await cli.within(['render', '-e', 'prod'])).exitCode).to.equal(0);
  });

  it('stop at the version of another ffops until they are updated, which drops what nobody uses', async () => {
    const lock = read('ffops.lock.yaml');
    const older = lock.replace(/(traefik:\n {4}version: )\S+/, '$140.0.0').concat('  left:\n    version: 1.0.0\n');
    writeFileSync(file('ffops.lock.yaml'), older);
    const { exitCode, stderr } = await cli.within(['render', '-e', 'prod']);
    expect([exitCode, stderr.includes('ffops charts update')], stderr).to.deep.equal([3, true]);
    const updated = (await lines(['charts', 'update'])).find(({ name }) => name === 'traefik');
    expect(updated).to.include({ change: 'updated', before: '40.0.0', digest: digests.get('traefik') });
    expect(read('ffops.lock.yaml')).to.equal(lock);
  });

  it('refuse a mirror that is no address', async () => {
    writeFileSync(file('ffops.yaml'), 'name: shop\ncharts:\n  mirror: charts.example.com\n');
    const { exitCode, stderr } = await cli.within(['charts', 'lock']);
    expect(exitCode).to.equal(3);
    expect(stderr).to.include('ffops.yaml:3:11').and.include('https://');
    rmSync(file('ffops.yaml'));
  });
});
