/** What is wrong with an app of a workspace is said with its file, its line and what to do; real modules, in real folders. */
import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { realFiles } from '../../../src/adapters/files.ts';
import { UserError } from '../../../src/errors.ts';
import { renderEnvironment } from '../../../src/render/environment.ts';
import { catalogueOf } from '../../../src/usecases/catalogue.ts';
import { blueprintOf, openEnvironment } from '../../../src/usecases/open-environment.ts';
import { loadRenderKit } from '../../../src/usecases/render-inputs.ts';
import { fakeFiles } from '../../support/fakes.ts';
import { OWN_CHART } from '../../support/own-chart.ts';
import { tempFolder } from '../../support/temp.ts';

const DEV = 'platform: local\nrootDomain: shop.kube\napps:\n  board: {}\n';

describe('an app of a workspace', function () {
  this.timeout(20_000);
  let temp: ReturnType<typeof tempFolder>;
  beforeEach(() => {
    temp = tempFolder();
    write('environments/dev.yaml', DEV);
  });
  afterEach(() => temp.remove());

  const write = (path: string, text: string): void => {
    const whole = join(temp.path, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
  };
  const rendered = async (): Promise<ReadonlyMap<string, string>> => {
    const ports = { files: realFiles() };
    const workspace = { root: temp.path, name: 'shop' };
    const blueprint = blueprintOf(workspace, await openEnvironment(ports, workspace, 'dev'));
    const providers = { versions: { helm: '3.1.2', digitalocean: '2.99.1' } };
    return renderEnvironment(blueprint, await loadRenderKit(ports, providers, workspace));
  };
  const said = async (): Promise<string> => {
    const error = await rendered().then(
      () => undefined,
      (refused: unknown) => refused,
    );
    expect(error).to.be.instanceOf(UserError);
    return (error as UserError).problems
      .map(({ message, at, hints }) => [message, at && `${at.file}:${at.line}`, ...(hints ?? [])].join(' '))
      .join('\n');
  };

  it('is rendered with its own chart and values', async () => {
    for (const [path, text] of Object.entries(OWN_CHART)) write(`catalogue/board/${path}`, text);
    expect((await rendered()).get('stacks/app-board/values/board.yaml')).to.include('text: "Hello: world"');
  });

  const board = (change: (entry: string) => string): Record<string, string> => ({
    ...OWN_CHART,
    'entry.ts': change(OWN_CHART['entry.ts']!),
  });
  const cases: readonly [string, Record<string, string>, ...(string | RegExp)[]][] = [
    ['no entry.ts', { 'notes.md': 'x' }, 'There is no catalogue/board/entry.ts', 'Describe the app'],
    ['no entry in it', { 'entry.ts': 'export const nothing = 1;' }, 'exports no entry', 'export const board: AppEntry'],
    [
      'a package that is not there',
      board((text) => text.replace("'ffops/catalogue'", "'zod'")),
      "Cannot find package 'zod'",
      '`ffops/catalogue` has what an entry needs',
    ],
    ['broken syntax', board((text) => `${text}\nconst = 1;\n`), 'cannot be loaded', /board\/entry\.ts:\d\d/],
    ['an enum', board((text) => `${text}\nenum A { b }\n`), 'write no enum'],
    [
      'a wrong form',
      board((text) => text.replace("kind: 'app'", "kind: 'system'")),
      '`kind` of the entry',
      'no systems',
    ],
    ['an unknown key', board((text) => text.replace('summary:', 'sumary:')), '`sumary`', '`summary`'],
    ['another id', board((text) => text.replace("id: 'board'", "id: 'bord'")), 'has the id `bord`', 'Write `board`'],
    ['no default', board((text) => text.replace(".default('world')", '')), '`name`', 'has no default'],
    ['no description', board((text) => text.replace(".describe('Who is greeted.')", '')), 'no description'],
    ['an unknown question', board((text) => text.replace("['name']", "['nam']")), 'names `nam`'],
    [
      'an exception',
      board((text) => text.replace('releases: [', 'releases: [...undefined as never, ')),
      '`contribute` in catalogue/board/entry.ts failed',
      'catalogue/board/entry.ts:8',
    ],
    [
      'a chart that nobody has',
      board((text) => text.replace("name: 'board' }, values", "name: 'bord' }, values")),
      'uses the chart bord',
      'catalogue/board/chart/',
    ],
    ['values that nobody has', board((text) => text.replace("values: 'board'", "values: 'bord'")), 'the values bord'],
    [
      'a bare value',
      { ...OWN_CHART, 'values.yaml.hbs': 'a: 1\ntext: {{text}}\n' },
      'prints a value as it is',
      'values.yaml.hbs:2',
    ],
    [
      'a value that is not there',
      { ...OWN_CHART, 'values.yaml.hbs': 'text: {{yaml txt}}\n' },
      'values.yaml.hbs cannot be rendered',
      'has no value',
    ],
    ['a chart of another name', { ...OWN_CHART, 'chart/Chart.yaml': 'name: x\nversion: 1.0.0\n' }, 'the name `board`'],
  ];
  for (const [what, files, ...says] of cases) {
    it(`is refused: ${what}`, async () => {
      for (const [path, text] of Object.entries(files)) write(`catalogue/board/${path}`, text);
      const told = await said();
      for (const words of says) {
        if (typeof words === 'string') expect(told).to.include(words);
        else expect(told).to.match(words);
      }
    });
  }

  it('is refused when it takes the name of what ffops has', async () => {
    const named = (id: string) => OWN_CHART['entry.ts']!.replaceAll("'board'", `'${id}'`);
    write('catalogue/hello/entry.ts', named('hello'));
    expect(await said()).to.include('named as something that ffops brings itself: `hello`');
  });

  it('is refused when its chart or values take the place of those of ffops', async () => {
    write('environments/dev.yaml', DEV.replace('board', 'alerts'));
    for (const [path, text] of Object.entries(OWN_CHART))
      write(`catalogue/alerts/${path}`, text.replaceAll('board', 'alerts'));
    const told = await said();
    expect(told).to.include('the chart `alerts` of ffops').and.include('the values `alerts` of ffops');
  });

  it('is not looked for where there is no such folder, nor in folders that no app can have', async () => {
    write('environments/dev.yaml', DEV.replace('board', 'hello'));
    write('catalogue/_shared/x.ts', 'throw new Error("run");');
    write('catalogue/README.md', '');
    expect((await rendered()).size).to.be.greaterThan(3);
    const nothing = fakeFiles();
    expect((await catalogueOf({ files: nothing }, { root: '/w' })).entries.has('hello')).to.equal(true);
  });
});
