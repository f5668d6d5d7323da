import { expect } from 'chai';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openToolchain, type Toolchain } from '../../../src/toolchain/toolchain.ts';
import { chartOf, chartRepository, digestOf, type ChartRepository } from '../../support/chart-repository.ts';
import { tempFolder } from '../../support/temp.ts';
import { caught, fakes, host, pins, portsOnDisk } from './support.ts';

describe('a chart as its project publishes it', () => {
  let server: ChartRepository;
  let folder: ReturnType<typeof tempFolder>;
  beforeEach(async () => {
    server = await chartRepository();
    folder = tempFolder();
  });
  afterEach(async () => {
    await server.close();
    folder.remove();
  });

  const lockFile = (): string => join(folder.path, 'ffops.lock.yaml');
  const lock = (): string => readFileSync(lockFile(), 'utf8');
  const vendor = (): string => join(folder.path, 'vendor/charts/web-1.0.0.tgz');

  interface Opened {
    readonly version?: string;
    readonly mirror?: string;
    readonly repository?: string;
    readonly variables?: Readonly<Record<string, string>>;
  }

  const open = async (opened: Opened = {}): Promise<Toolchain['upstream']> => {
    const { version = '1.0.0', mirror, repository = server.url, variables = {} } = opened;
    const ports = portsOnDisk(join(folder.path, 'cache'), server.url, fakes());
    const web = { version, repository, module: 'm@v1', folder: 'web', subcharts: {}, digest: 'sha256:ours' };
    const toolchain = await openToolchain(
      // Releases have a mirror of their own, which no test here is about.
      { ...ports, variables: { ...ports.variables, FFOPS_MIRROR: '', ...variables } },
      {
        host,
        pins: { ...pins, charts: { web } },
        lockFile: lockFile(),
        charts: { folder: join(folder.path, 'vendor/charts'), mirror },
      },
    );
    return toolchain.upstream;
  };
  const refused = async (opened?: Opened) => {
    const error = await caught((await open(opened)).provide('web'));
    return { code: error.code, text: [error.message, ...(error.problems?.[0]?.hints ?? [])].join(' ') };
  };

  it('is fetched and locked at first sight, and then taken from the cache', async () => {
    const digest = server.publish('web', '1.0.0');
    const archive = await (await open()).provide('web');
    expect(archive).to.include({ version: '1.0.0', digest, reason: `from ${server.url}` });
    expect(digestOf(readFileSync(archive.path))).to.equal(digest);
    expect(lock()).to.equal(
      `charts:\n  web:\n    version: 1.0.0\n    repository: ${server.url}\n    digest: ${digest}\n    rebuilt: sha256:ours\n`,
    );
    expect(server.asked).to.deep.equal(['/repo/index.yaml', '/repo/archives/web-1.0.0.tgz']);
    expect((await (await open()).provide('web')).reason).to.equal('fetched before');
    expect(server.asked).to.have.length(2);
  });

  it('that is changed in the cache is fetched again; one that is changed where it is published stops everything', async () => {
    const locked = server.publish('web', '1.0.0');
    const { path } = await (await open()).provide('web');
    writeFileSync(path, 'half');
    expect((await (await open()).provide('web')).digest).to.equal(locked);
    rmSync(path);
    const actual = server.publish('web', '1.0.0', chartOf('web', '1.0.0', 'description: another\n'));
    const { code, text } = await refused();
    expect(code).to.equal('charts.digest');
    for (const words of [server.url, 'web 1.0.0', lockFile(), actual, locked, '`charts.web`', 'ffops charts lock'])
      expect(text).to.include(words);
    expect(lock()).to.include(locked);
  });

  it('is not the one of the index, or no chart of that name: refused, and nothing is locked', async () => {
    server.publish('web', '1.0.0');
    server.served.set('/repo/archives/web-1.0.0.tgz', chartOf('web', '1.0.0', 'description: another\n'));
    expect((await refused()).code).to.equal('toolchain.checksumWrong');
    server.publish('web', '1.0.0', chartOf('other', '1.0.0'));
    expect((await refused()).code).to.equal('charts.other');
    server.publish('web', '1.0.0', Buffer.from('no archive'));
    expect((await refused()).code).to.equal('charts.other');
    expect(() => lock()).to.throw();
  });

  it('is taken from the workspace, when it is the locked one', async () => {
    const locked = server.publish('web', '1.0.0');
    await (await open()).provide('web');
    mkdirSync(join(folder.path, 'vendor/charts'), { recursive: true });
    writeFileSync(vendor(), chartOf('web', '1.0.0'));
    server.asked.length = 0;
    const offline = { variables: { FFOPS_OFFLINE: '1' } };
    expect(await (await open(offline)).provide('web')).to.include({ path: vendor(), digest: locked });
    writeFileSync(vendor(), 'somebody else');
    const { code, text } = await refused(offline);
    expect(code).to.equal('charts.digest');
    for (const words of [vendor(), locked, digestOf(Buffer.from('somebody else')), 'ffops charts vendor'])
      expect(text).to.include(words);
    expect((await caught((await open(offline)).check('web'))).code).to.equal('charts.digest');
    expect(server.asked).to.deep.equal([]);
  });

  it('comes from a mirror that the workspace names', async () => {
    server.publish('web', '1.0.0');
    const repository = 'https://charts.example.com';
    const archive = await (await open({ mirror: server.url, repository })).provide('web');
    expect(archive.reason).to.equal(`from ${server.url}`);
    expect(lock()).to.include(`repository: ${repository}`);
  });

  it('that cannot be had says why and what to do', async () => {
    expect((await refused()).text)
      .to.include('lists no web 1.0.0')
      .and.include('ffops charts vendor');
    expect((await refused({ variables: { FFOPS_OFFLINE: '1' } })).text).to.include('FFOPS_OFFLINE is set');
    expect((await refused({ repository: `${server.url}/nowhere` })).text)
      .to.include('answered 404')
      .and.include('charts.mirror');
    expect((await refused()).code).to.equal('charts.nowhere');
  });

  it('stops when another version is locked, until it is updated', async () => {
    server.publish('web', '1.0.0');
    await (await open()).provide('web');
    const digest = server.publish('web', '2.0.0');
    const { code, text } = await refused({ version: '2.0.0' });
    expect(code).to.equal('charts.version');
    expect(text)
      .to.include('has the chart web 1.0.0, and this ffops installs 2.0.0')
      .and.include('ffops charts update');
    await (await open({ version: '2.0.0' })).lockVersion('web');
    expect(lock(), 'no archive, no new version').to.include('version: 1.0.0');
    await (await open({ version: '2.0.0' })).provide('web', { update: true });
    expect(lock()).to.include('version: 2.0.0').and.include(digest);
  });

  it('is not locked by what an older ffops recorded of rebuilt archives', async () => {
    writeFileSync(lockFile(), 'charts:\n  web:\n    version: 0.9.0\n    digest: sha256:ours\n');
    const digest = server.publish('web', '1.0.0');
    await (await open()).provide('web');
    expect(lock()).to.include(`digest: ${digest}`);
  });
});
