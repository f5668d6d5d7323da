import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packTarGz } from '../../../src/archives/pack.ts';
import { readTarGz } from '../../../src/archives/read.ts';
import { openToolchain, type ToolchainOptions } from '../../../src/toolchain/toolchain.ts';
import { tempFolder } from '../../support/temp.ts';
import {
  caught,
  collect,
  fakes,
  host,
  pins,
  portsOnDisk,
  releaseServer,
  sha256,
  zipOf,
  type ReleaseServer,
} from './support.ts';

const MODULE = 'example.com/Charts@v1.0.0';
const ZIP = '/proxy/example.com/!charts/@v/v1.0.0.zip';

const source = {
  'Chart.yaml': 'name: web\n# set by the release\nversion: v0.0.0\nappVersion: v0.0.0\n',
  '.helmignore': 'ci/\n*.md\n',
  'README.md': 'not for Helm',
  'ci/values.yaml': 'not for Helm either',
  'templates/service.yaml': 'kind: Service\n',
};
const packed = packTarGz([
  {
    path: 'web/Chart.yaml',
    content: Buffer.from('name: web\n# set by the release\nversion: 1.0.0\nappVersion: 2.0.0\n'),
  },
  { path: 'web/.helmignore', content: Buffer.from(source['.helmignore']) },
  { path: 'web/templates/service.yaml', content: Buffer.from(source['templates/service.yaml']) },
]);
const moduleZip = (files: Readonly<Record<string, string>>): Buffer =>
  zipOf({
    [`${MODULE}/LICENSE`]: 'free',
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${MODULE}/charts/web/${path}`, text])),
  });

const digest = `sha256:${sha256(packed)}`;
const chart = {
  version: '1.0.0',
  appVersion: '2.0.0',
  repository: 'https://charts.example.com',
  module: MODULE,
  folder: 'charts/web',
  subcharts: {},
  digest,
};

describe('an upstream chart', () => {
  let server: ReleaseServer;
  let folder: ReturnType<typeof tempFolder>;

  beforeEach(async () => {
    server = await releaseServer();
    folder = tempFolder();
  });
  afterEach(async () => {
    await server.close();
    folder.remove();
  });

  const open = (options: ToolchainOptions = {}, all = fakes()) => {
    const ports = portsOnDisk(join(folder.path, 'cache'), server.url, all);
    const variables = { ...all.ports.variables, ...ports.variables, GOPROXY: `${server.url}proxy,direct` };
    return openToolchain({ ...ports, variables }, { host, pins: { ...pins, charts: { web: chart } }, ...options });
  };

  it('is packed from its source without Go, as Helm would, with the pinned digest; and once', async () => {
    server.answers.set(ZIP, moduleZip(source));
    const { seen, onProgress } = collect();
    const archive = await (await open()).chartArchive('web', onProgress);
    expect(archive).to.include({ version: '1.0.0', digest, reason: `packed from ${MODULE}` });
    expect(readTarGz(readFileSync(archive.path)).map(({ path }) => path)).to.deep.equal([
      'web/.helmignore',
      'web/Chart.yaml',
      'web/templates/service.yaml',
    ]);
    expect(seen.map(({ tool, step }) => `${tool}: ${step}`)).to.deep.equal([
      'chart web: downloading',
      'chart web: ready',
    ]);
    expect(await (await open()).chartArchive('web')).to.deep.equal(archive);
    expect(server.asked).to.deep.equal([ZIP]);
  });

  it('carries the charts that its project publishes apart, each without what it ignores itself', async () => {
    server.answers.set(ZIP, moduleZip(source));
    const web = { ...chart, subcharts: { inner: { module: MODULE, folder: 'charts/web' } }, digest: 'sha256:unknown' };
    const ports = portsOnDisk(join(folder.path, 'cache'), server.url, fakes());
    const variables = { ...ports.variables, GOPROXY: `${server.url}proxy,direct` };
    const open = (digest: string) =>
      openToolchain({ ...ports, variables }, { host, pins: { ...pins, charts: { web: { ...web, digest } } } });
    const refused = await caught((await open(web.digest)).chartArchive('web'));
    const actual = /its sha256 is (sha256:[0-9a-f]{64})/.exec(refused.message)?.[1] ?? '';
    const { path } = await (await open(actual)).chartArchive('web');
    expect(readTarGz(readFileSync(path)).map((entry) => entry.path)).to.deep.equal([
      'web/.helmignore',
      'web/Chart.yaml',
      'web/charts/inner/.helmignore',
      'web/charts/inner/Chart.yaml',
      'web/charts/inner/templates/service.yaml',
      'web/templates/service.yaml',
    ]);
  });

  it('that somebody changed in the cache is made again', async () => {
    server.answers.set(ZIP, moduleZip(source));
    const { path } = await (await open()).chartArchive('web');
    writeFileSync(path, 'half');
    expect(Buffer.compare(readFileSync((await (await open()).chartArchive('web')).path), packed)).to.equal(0);
  });

  it('with other bytes than the pinned ones is refused', async () => {
    server.answers.set(ZIP, moduleZip({ ...source, 'templates/service.yaml': 'kind: Miner\n' }));
    const { seen, onProgress } = collect();
    expect((await caught((await open()).chartArchive('web', onProgress))).code).to.equal('toolchain.checksumWrong');
    expect(seen.at(-1)).to.include({ tool: 'chart web', step: 'failed' });
    expect(server.asked).to.deep.equal([ZIP]);
  });

  it('that was exchanged in the cache, note and all, is made again', async () => {
    server.answers.set(ZIP, moduleZip(source));
    const { path } = await (await open()).chartArchive('web');
    writeFileSync(path, 'another chart');
    writeFileSync(
      `${path}.json`,
      JSON.stringify({ digest: `sha256:${sha256('another chart')}`, origin: 'build', reason: '' }),
    );
    expect((await (await open()).reportCharts())[0]!.found).to.equal(undefined);
    const archive = await (await open()).chartArchive('web');
    expect(`sha256:${sha256(readFileSync(archive.path))}`).to.equal(digest);
  });

  it('says what to do where no module proxy and no Go can be had', async () => {
    const error = await caught((await open()).chartArchive('web'));
    expect(error.code).to.equal('toolchain.noChart');
    expect(error.message).to.include('answered 404');
    expect((await caught((await open({ source: 'release' })).chartArchive('web'))).code).to.equal(
      'toolchain.noRelease',
    );
  });

  it('is recorded in the workspace as the rebuilt one, beside what is there, and once', async () => {
    const lockFile = join(folder.path, 'ffops.lock.yaml');
    writeFileSync(lockFile, '# ours\ntools: {}\n');
    const rendered = { charts: [{ name: 'web', version: '1.0.0', digest }], providers: { cloud: '9.0.0' } };
    await (await open({ lockFile })).record(rendered);
    const text = readFileSync(lockFile, 'utf8');
    expect(text).to.equal(
      `# ours\ntools: {}\nproviders:\n  cloud: 9.0.0\ncharts:\n  web:\n    version: 1.0.0\n    repository: https://charts.example.com\n    rebuilt: ${digest}\n`,
    );
    const { mtimeMs } = statSync(lockFile);
    await (await open({ lockFile })).record(rendered);
    expect(statSync(lockFile).mtimeMs).to.equal(mtimeMs);
  });

  it("comes through Go, from Go's own cache, where Go is there and the proxy is not", async () => {
    const all = fakes({ variables: { PATH: folder.path } });
    writeFileSync(join(folder.path, 'go'), '', { mode: 0o755 });
    const { files } = portsOnDisk('', server.url, all);
    for (const [path, text] of Object.entries(source))
      await files.write(join(folder.path, 'module/charts/web', path), text);
    all.runner.allow({ program: 'go', args: ['env', 'GOVERSION'] }, { stdout: 'go1.26.8' });
    all.runner.expect(
      { program: 'go', args: ['mod', 'download', '-json', MODULE] },
      { stdout: JSON.stringify({ Dir: join(folder.path, 'module') }) },
    );
    expect((await (await open({}, all)).chartArchive('web')).digest).to.equal(digest);
    all.verify();
  });
});
