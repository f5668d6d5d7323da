/** Apps that only a workspace has: the one that docs/adding-an-app.md shows, and one with a chart of its own. */
import { expect } from 'chai';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cliHome, projectRoot, type CliHome } from '../support/cli.ts';
import { OWN_CHART } from '../support/own-chart.ts';

const DEV = 'platform: local\nrootDomain: shop.kube\n\ncluster:\n  context: docker-desktop\n\napps: {}\n';

function documented(): string {
  const page = readFileSync(join(projectRoot, 'docs/adding-an-app.md'), 'utf8');
  return /In `catalogue\/uptime\/entry\.ts`:\n\n```ts\n(.*?)```/s.exec(page)![1]!;
}

describe('apps of a workspace alone', function () {
  this.timeout(60_000);
  let cli: CliHome;
  beforeEach(() => {
    cli = cliHome('minimal');
    write('environments/dev.yaml', DEV);
  });
  afterEach(() => cli.remove());

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(cli.folder, path)), { recursive: true });
    writeFileSync(join(cli.folder, path), text);
  };
  const read = (path: string): string => readFileSync(join(cli.folder, path), 'utf8');
  const dev = async (...words: string[]) => await cli.run([...words, '-e', 'dev']);

  it('are listed, added and rendered: the one that the page shows', async () => {
    write('catalogue/uptime/entry.ts', documented());
    write('package.json', '{}');
    const list = await dev('app', 'list', '--json');
    expect(list.stderr, 'not even a warning of Node').to.equal('');
    const { apps } = list.json<{ result: { apps: { id: string; summary: string; costs: object }[] } }>().result;
    expect(apps.at(-1)).to.deep.include({ id: 'uptime', added: false, costs: { memoryMi: 32, diskGi: 1 } });
    expect(apps.map(({ id }) => id)).to.include('hello');

    const added = await dev('app', 'add', 'uptime', '--set', 'storage=2Gi', '--json');
    expect(added.stderr).to.equal('');
    expect(read('environments/dev.yaml')).to.include('apps:\n  uptime:\n    storage: 2Gi\n');
    expect(read('.ffops/dev/stacks/app-uptime/values/uptime.yaml')).to.include('ghcr.io/twin/gatus:v5.37.0');
    expect(read('.ffops/dev/stacks/app-uptime/main.tf')).to.include('web-app-');
    expect(read('.ffops/environment.schema.json')).to.include('How often each page is asked for.');

    const wrong = await dev('app', 'add', 'hello', '--set', 'storage=2Gx');
    expect(wrong.exitCode).to.equal(3);
    write('environments/dev.yaml', DEV.replace('apps: {}', 'apps:\n  uptime:\n    evry: 5m'));
    expect((await dev('render')).stderr)
      .to.include('Did you mean `every`?')
      .and.include('environments/dev.yaml:9');
  });

  it('may bring a chart and values of their own', async () => {
    for (const [path, text] of Object.entries(OWN_CHART)) write(`catalogue/board/${path}`, text);
    write('environments/dev.yaml', DEV.replace('apps: {}', 'apps:\n  board: { name: "a: b" }'));
    const { exitCode, stderr } = await dev('render');
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    expect(read('.ffops/dev/stacks/app-board/values/board.yaml')).to.match(/^text: "Hello: a: b"$/m);
    const archive = /charts_dir\}\/(board-0\.1\.0-h[0-9a-f]{10}\.tgz)/.exec(
      read('.ffops/dev/stacks/app-board/main.tf'),
    )![1]!;
    expect(readFileSync(join(cli.folder, '.ffops/charts', archive)).length).to.be.greaterThan(100);
  });
});
