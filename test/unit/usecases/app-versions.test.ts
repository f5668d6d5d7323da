/** Which versions an environment was given is written down per environment; versions that must not be skipped are not. */
import { expect } from 'chai';
import type { AppVersions } from '../../../src/engine/contracts.ts';
import type { StackResult } from '../../../src/engine/apply.ts';
import { UserError } from '../../../src/errors.ts';
import type { App } from '../../../src/model/blueprint.ts';
import type { ChartIndex } from '../../../src/render/charts.ts';
import { appVersions, recordVersions, refuseSkippedVersions, standing } from '../../../src/usecases/app-versions.ts';
import { aBlueprint, aRelease, aStack } from '../../support/blueprint.ts';
import { fakeFiles, type FakeFiles } from '../../support/fakes.ts';

const origin = { kind: 'file', path: 'apps.crm', file: 'environments/prod.yaml', line: 7, column: 3 } as const;
const crm: App = {
  id: 'crm',
  title: 'CRM',
  stack: 'app-crm',
  version: '2.44.0',
  upgrades: { stops: ['1.23.0', '2.0.0'], guide: 'https://crm.example/upgrades' },
  origin,
};
const shop: App = { id: 'shop', title: 'Shop', stack: 'app-shop', version: '1.1.0', origin };
const charts: ChartIndex = new Map(
  [
    ['crm-chart', '3.1.0'],
    ['web-app', '0.1.0-habc'],
  ].map(([name, version]) => [name!, { name: name!, version: version!, file: '', digest: '' }]),
);
const blueprint = (environment: string) =>
  aBlueprint({
    environment,
    apps: [crm, shop],
    stacks: [
      aStack({ name: 'infra', releases: [] }),
      aStack({
        name: 'app-crm',
        releases: [
          aRelease({ entry: 'crm', chart: { kind: 'upstream', name: 'crm-chart' } }),
          aRelease({ entry: 'crm', name: 'crm-extra', chart: { kind: 'first-party', name: 'web-app' } }),
        ],
      }),
      aStack({ name: 'app-shop', releases: [aRelease({ chart: { kind: 'first-party', name: 'web-app' } })] }),
    ],
  });
const versions = (files: FakeFiles, environment: string, sandbox = false): AppVersions =>
  appVersions({ files }, { blueprint: blueprint(environment), workspace: '/w', sandbox, charts: async () => charts });

async function refused(text: string, stacks: readonly string[] = []): Promise<UserError | undefined> {
  const apps = versions(fakeFiles({ '/w/ffops.lock.yaml': text }), 'prod');
  try {
    await refuseSkippedVersions({ blueprint: blueprint('prod'), apps }, { stacks });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

const having = (app: string, version: string, environment = 'prod'): string =>
  `apps:\n  ${environment}:\n    ${app}:\n      version: ${version}\n      charts: {}\n`;

describe('the record of versions', () => {
  it('holds what an apply brought, of one environment, and leaves the other as it was', async () => {
    const files = fakeFiles({ '/w/ffops.lock.yaml': `# ours\n${having('crm', '2.40.0', 'dev')}` });
    await recordVersions({ blueprint: blueprint('prod'), apps: versions(files, 'prod') }, ['infra', 'app-crm']);
    const text = files.content.get('/w/ffops.lock.yaml')!;
    expect(text).to.match(/^# ours\n/);
    expect([...(await versions(files, 'prod').installed())]).to.deep.equal([['crm', '2.44.0']]);
    expect([...(await versions(files, 'dev').installed())]).to.deep.equal([['crm', '2.40.0']]);
    expect(text).to.include('crm-chart: 3.1.0').and.include('web-app: 0.1.0-habc');
  });

  it('of a sandbox is the sandbox’s, and goes with it', async () => {
    const real = having('crm', '1.20.0');
    const files = fakeFiles({ '/w/ffops.lock.yaml': real });
    const apps = versions(files, 'prod', true);
    await refuseSkippedVersions({ blueprint: blueprint('prod'), apps }, { stacks: [] });
    await recordVersions({ blueprint: blueprint('prod'), apps }, ['app-crm']);
    expect(files.content.get('/w/ffops.lock.yaml')).to.equal(real);
    expect(files.content.get('/w/.ffops/sandbox/ffops.lock.yaml')).to.include('version: 2.44.0');
    expect(apps.file).to.equal('.ffops/sandbox/ffops.lock.yaml');
  });

  it('is not written where nothing of it changed, or no app was there', async () => {
    const files = fakeFiles();
    const apps = versions(files, 'prod');
    await recordVersions({ blueprint: blueprint('prod'), apps }, ['infra']);
    expect(files.writes).to.deep.equal([]);
    for (let round = 0; round < 2; round++) await recordVersions({ blueprint: blueprint('prod'), apps }, ['app-shop']);
    expect(files.writes).to.deep.equal(['/w/ffops.lock.yaml']);
  });

  it('counts stacks that succeeded, and no others', () => {
    const outcomes = ['applied', 'unchanged', 'failed', 'skipped', 'interrupted', 'not-started'] as const;
    const results = outcomes.map((outcome) => ({ stack: `app-${outcome}`, outcome }) as StackResult);
    expect(standing(results)).to.deep.equal(['app-applied', 'app-unchanged']);
  });
});

describe('versions that must be gone through', () => {
  it('are not skipped: the way is told, with the place in the file', async () => {
    const [problem] = (await refused(having('crm', '1.20.0')))?.problems ?? [];
    expect(problem?.message).to.include('prod has crm 1.20.0').and.include('2.44.0');
    expect(problem?.at).to.deep.equal({ file: 'environments/prod.yaml', line: 7, column: 3 });
    const hints = problem?.hints?.join('\n');
    expect(hints).to.include('1.20.0 → 1.23.0 → 2.0.0 → 2.44.0');
    expect(hints).to.include('apps.crm.image').and.include('https://crm.example/upgrades');
    expect(hints).to.include('take `apps.prod.crm` out of ffops.lock.yaml'.replace('take', 'Then take'));
  });

  it('are only those that are left', async () => {
    const [problem] = (await refused(having('crm', '1.30.0')))?.problems ?? [];
    expect(problem?.hints?.join('\n')).to.include('1.30.0 → 2.0.0 → 2.44.0');
  });

  it('are of no interest to an apply of other stacks', async () => {
    expect(await refused(having('crm', '1.20.0'), ['infra', 'app-shop'])).to.equal(undefined);
    expect(await refused(having('crm', '1.20.0'), ['app-crm'])).to.be.instanceOf(UserError);
  });

  it('an older version is not put over a newer one, whatever the app', async () => {
    const [problem] = (await refused(having('shop', '1.2.0')))?.problems ?? [];
    expect(problem?.message).to.include('prod has shop 1.2.0, and 1.1.0 is older');
  });

  it('let through what is supported, and what was never applied', async () => {
    for (const text of [having('crm', '2.0.0'), having('shop', '0.0.1'), '', having('crm', '1.20.0', 'dev')])
      expect(await refused(text), text).to.equal(undefined);
  });
});
