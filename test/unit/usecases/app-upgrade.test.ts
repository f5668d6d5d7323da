/** `ffops app upgrade` with a real workspace: an app of its own that knows of a version that nobody may skip. */
import { expect } from 'chai';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { realFiles } from '../../../src/adapters/files.ts';
import { UserError } from '../../../src/errors.ts';
import { upgradeApps, type AppUpgradeRequest, type AppUpgrades } from '../../../src/usecases/app-upgrade.ts';
import { loadRenderKit } from '../../../src/usecases/render-inputs.ts';
import { realSurroundings } from '../../../src/usecases/surroundings.ts';
import { CURRENT } from '../../support/example.ts';
import { fakeTerminal, type FakeTerminal } from '../../support/fakes.ts';
import { tempFolder } from '../../support/temp.ts';

const ENTRY = `import { ownImage, z, type AppEntry } from 'ffops/catalogue';
const options = z.strictObject({ image: ownImage });
export const crm: AppEntry = {
  id: 'crm', kind: 'app', home: 'app', title: 'CRM', summary: 'Customers', version: '3.1.0', questions: [], options,
  upgrades: { stops: ['2.0.0'], notes: [{ since: '3.0.0', text: 'Reports move.' }], guide: 'https://crm.example/upgrades' },
  costs: () => ({ memoryMi: 16, diskGi: 0 }),
  contribute: ({ environment, origins, namespace }) => ({
    releases: ['crm', 'traefik'].map((name) => ({
      name, namespace, entry: 'crm', chart: { kind: name === 'crm' ? 'first-party' : 'upstream', name },
      context: { image: options.parse(environment.apps.crm).image ?? null },
      ...(name === 'crm' && { values: 'crm' }),
      timeoutSeconds: 60, after: [], reads: [], origin: origins.of('apps.crm'), workloads: false,
    })),
  }),
};
`;

describe('upgrading apps', function () {
  this.timeout(20_000);
  let temp: ReturnType<typeof tempFolder>;
  let terminal: FakeTerminal;
  const shown: AppUpgrades[] = [];
  const locked: string[] = [];

  beforeEach(() => {
    temp = tempFolder();
    shown.length = locked.length = 0;
    terminal = fakeTerminal({ interactive: false });
    write('catalogue/crm/entry.ts', ENTRY);
    write('catalogue/crm/values.yaml.hbs', 'image: {{yaml image}}\n');
    write('catalogue/crm/chart/Chart.yaml', 'apiVersion: v2\nname: crm\nversion: 0.1.0\n');
    environment('{}');
  });
  afterEach(() => temp.remove());

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(temp.path, path)), { recursive: true });
    writeFileSync(join(temp.path, path), text);
  };
  const read = (path: string): string => readFileSync(join(temp.path, path), 'utf8');
  const environment = (crm: string): void =>
    write('environments/dev.yaml', `platform: local\nrootDomain: shop.kube\napps:\n  crm: ${crm}\n  hello: {}\n`);
  const applied = (version: string, charts = '{}'): void =>
    write('ffops.lock.yaml', `apps:\n  dev:\n    crm:\n      version: ${version}\n      charts: ${charts}\n`);

  const upgrade = async (over: Partial<AppUpgradeRequest> = {}) => {
    const files = realFiles();
    const workspace = { root: temp.path, name: 'shop' };
    return await upgradeApps(
      { files, terminal },
      {
        workspace,
        environment: 'dev',
        sandbox: false,
        id: undefined,
        dryRun: false,
        yes: false,
        hands: {
          kit: () => loadRenderKit({ files }, { versions: CURRENT }, workspace),
          surroundings: async () => realSurroundings({ variables: {} }, workspace, 'dev'),
        },
        lockCharts: async (names) => void locked.push(...names),
        ...over,
      },
      (upgrades) => void shown.push(upgrades),
    );
  };
  const refusal = async (over: Partial<AppUpgradeRequest> = {}): Promise<UserError> => {
    const error = await upgrade(over).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(UserError);
    return error as UserError;
  };

  it('tells versions, charts, notes and where to read, and locks charts of others', async () => {
    applied('2.4.0', '{ crm: 0.1.0-h0000000000, traefik: 1.0.0 }');
    const result = await upgrade();
    const [crm, ...others] = result.upgrades;
    expect(others).to.deep.equal([]);
    expect(crm).to.deep.include({
      from: '2.4.0',
      to: '3.1.0',
      stack: 'app-crm',
      notes: ['Reports move.'],
      guide: 'https://crm.example/upgrades',
    });
    expect(crm?.charts.map(({ name, from }) => [name, from])).to.deep.equal([
      ['crm', '0.1.0-h0000000000'],
      ['traefik', '1.0.0'],
    ]);
    expect(result).to.include({ written: true, verdict: 'done' });
    expect(result.diff, 'nothing of it stands in the file').to.deep.equal([]);
    expect(locked).to.deep.equal(['traefik']);
    expect(read('.ffops/dev/stacks/app-crm/main.tf')).to.include('helm_release');
    expect(read('ffops.lock.yaml'), 'only an apply says what is installed').to.include('version: 2.4.0');
  });

  it('takes an older image out of the file, and leaves one of the same version', async () => {
    applied('2.4.0');
    environment('{ image: "registry.example/crm:2.4.0" }');
    expect((await upgrade()).upgrades[0]).to.include({ image: 'registry.example/crm:2.4.0', to: '3.1.0' });
    expect(read('environments/dev.yaml')).to.include('crm: {}\n');
    expect(read('.ffops/dev/stacks/app-crm/values/crm.yaml')).to.include('image: null');

    applied('3.1.0', `{ crm: x }`);
    environment('{ image: "mirror.example/crm:v3.1.0" }');
    const again = await upgrade();
    expect(again.upgrades.map(({ image }) => image)).to.deep.equal([undefined]);
    expect(read('environments/dev.yaml')).to.include('mirror.example/crm:v3.1.0');
  });

  it('asks where somebody can answer, and writes nothing on a no', async () => {
    applied('2.4.0');
    environment('{ image: "registry.example/crm:2.4.0" }');
    const before = read('environments/dev.yaml');
    terminal = fakeTerminal({ interactive: true });
    terminal.answer('Write environments/dev.yaml', false);
    expect(await upgrade()).to.include({ verdict: 'refused', written: false });
    expect(shown[0]?.diff.join('\n')).to.include('-  crm: { image:');
    expect(read('environments/dev.yaml')).to.equal(before);
    expect(locked).to.deep.equal([]);
  });

  it('writes nothing with --dry-run, and has nothing to do for what was never applied', async () => {
    expect((await upgrade()).upgrades).to.deep.equal([]);
    applied('2.4.0');
    expect(await upgrade({ dryRun: true })).to.include({ written: false, verdict: 'done' });
    expect(() => read('.ffops/dev/stacks/app-crm/main.tf')).to.throw('ENOENT');
  });

  it('refuses to skip a version; with an image of that version it is no skip', async () => {
    applied('1.9.0');
    const { problems } = await refusal({ id: 'crm' });
    expect(problems[0]?.hints?.join('\n')).to.include('1.9.0 → 2.0.0 → 3.1.0').and.include('https://crm.example');
    expect(problems[0]?.at).to.deep.equal({ file: 'environments/dev.yaml', line: 4, column: 3 });
    expect((await upgrade({ id: 'hello' })).upgrades, 'the others may go on').to.deep.equal([]);
  });

  it('refuses an app that the environment does not have', async () => {
    expect((await refusal({ id: 'n8n' })).message).to.include('`n8n` is not in environments/dev.yaml');
  });
});
