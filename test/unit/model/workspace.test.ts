import { expect } from 'chai';
import { fakeFiles } from '../../support/fakes.ts';
import {
  chosenEnvironment,
  currentEnvironmentFile,
  listEnvironments,
  openWorkspace,
  readEnvironmentFile,
  selectEnvironment,
} from '../../../src/model/workspace.ts';
import type { Workspace } from '../../../src/model/workspace.ts';
import { readWorkspaceFile } from '../../../src/model/workspaceFile.ts';
import { problemsFrom, prod, told } from './support.ts';

const VERSION = '0.3.1';

describe('the workspace file', () => {
  const read = (text: string) => readWorkspaceFile('ffops.yaml', text, VERSION);
  const only = async (text: string): Promise<string> => {
    const list = told(await problemsFrom(() => read(text)));
    expect(list, list.join('\n')).to.have.length(1);
    return list[0] as string;
  };

  it('needs a name only', () => {
    expect(read('name: acme\n')).to.deep.equal({ name: 'acme' });
  });

  it('may name the default environment, and the oldest ffops that works here', () => {
    expect(read('name: acme\ndefaultEnvironment: dev\nversions:\n  ffops: "0.3"\n')).to.deep.equal({
      name: 'acme',
      defaultEnvironment: 'dev',
      minimumVersion: '0.3',
    });
    expect(read('name: acme\nversions:\n')).to.deep.equal({ name: 'acme' });
  });

  it('is refused with the place of every mistake at once', async () => {
    const list = told(
      await problemsFrom(() => read('nmae: acme\ndefaultEnvironment: [dev]\nversions: {ffops: 0.3, tofu: "1"}\n')),
    );
    expect(list).to.deep.equal([
      '1:1 `nmae` is not an option of the workspace file. | Did you mean `name`?',
      '1:1 `name` is missing. | It is part of the names of what ffops makes, such as the bucket of its state.',
      '2:21 `defaultEnvironment` must be text; found a list. | Write a value, or remove the line.',
      '3:24 `versions.tofu` is not an option of the workspace file. | Options here: ffops.',
      '3:19 `versions.ffops` must be text; found the number 0.3. | Put it between quotes: "0.3".',
    ]);
  });

  it('holds names that can be folders and parts of bucket names', async () => {
    expect(await only('name: Acme Corp\n')).to.match(/^1:7 The workspace cannot be called "Acme Corp"/);
    expect(await only('name: acme\ndefaultEnvironment: ../prod\n')).to.match(/^2:21 An environment cannot be called/);
  });

  it('sends an older ffops home', async () => {
    expect(await only('name: acme\nversions: {ffops: "0.4.0"}\n')).to.equal(
      '2:19 This workspace wants ffops 0.4.0 or newer; this is ffops 0.3.1. | Update it: npm install --global ffops.',
    );
    expect(await only('name: acme\nversions: {ffops: latest}\n')).to.match(/must be a version such as/);
    expect(await only('name: acme\nversions: all\n')).to.match(/must be a group of options/);
  });

  it('is a YAML file like the others', async () => {
    expect(await only('')).to.match(/^1:1 The workspace file is empty.*ffops init/);
    expect(await only('name: a\nname: b\n')).to.match(/^2:1 `name` is written twice/);
    expect(await only('name: a\n\tb: c\n')).to.match(/A tab indents/);
  });
});

describe('finding the workspace', () => {
  const files = fakeFiles({
    '/home/ann/acme/ffops.yaml': 'name: acme\n',
    '/home/ann/acme/environments/prod.yaml': prod(),
    '/home/ann/notes.txt': 'x',
    '/home/ann/odd/ffops.yaml/inside': 'x',
  });
  const open = (from: string, folder?: string): Promise<Workspace> =>
    openWorkspace(files, { from, version: VERSION, ...(folder === undefined ? {} : { folder }) });
  const refusal = async (from: string, folder?: string): Promise<string> =>
    (await problemsFrom(() => open(from, folder)))
      .map(({ message, hints = [] }) => [message, ...hints].join(' | '))
      .join('\n');

  it('looks upwards from where one stands', async () => {
    expect((await open('/home/ann/acme/environments')).root).to.equal('/home/ann/acme');
    expect((await open('/home/ann/acme')).name).to.equal('acme');
  });

  it('takes --workspace at its word, from where one stands', async () => {
    expect((await open('/home/ann', 'acme')).root).to.equal('/home/ann/acme');
    expect((await open('/', '/home/ann/acme')).root).to.equal('/home/ann/acme');
    expect(await refusal('/home/ann/acme', 'environments')).to.match(
      /There is no ffops\.yaml in \/home\/ann\/acme\/environments\. \| .*ffops init/,
    );
  });

  it('says when there is none', async () => {
    expect(await refusal('/home/ann')).to.match(
      /There is no workspace here: neither \/home\/ann nor a folder above.*ffops init/,
    );
    expect(await refusal('/home/ann', 'nowhere')).to.match(/There is no folder \/home\/ann\/nowhere/);
  });

  it('refuses a file as a workspace', async () => {
    expect(await refusal('/home/ann', 'notes.txt')).to.match(
      /\/home\/ann\/notes\.txt is a file; a workspace is a folder/,
    );
    expect(await refusal('/home/ann', 'acme/ffops.yaml')).to.match(/Name its folder: --workspace \/home\/ann\/acme/);
  });

  it('refuses a folder as the file', async () => {
    expect(await refusal('/home/ann/odd')).to.match(/\/home\/ann\/odd\/ffops\.yaml is not a file/);
    expect(await refusal('/', '/home/ann/odd')).to.match(/is not a file/);
  });
});

describe('choosing the environment', () => {
  const workspace: Workspace = { root: '/w', name: 'acme', defaultEnvironment: 'test' };
  const environments = Object.fromEntries(
    ['prod', 'dev', 'test', 'live'].map((name) => [`/w/environments/${name}.yaml`, prod()]),
  );
  const files = fakeFiles({
    ...environments,
    '/w/environments/old.yml': 'x',
    '/w/environments/README.md': 'x',
    '/w/environments/Bad Name.yaml': 'x',
  });
  const used = fakeFiles({ ...environments, [currentEnvironmentFile('/w')]: 'live\n' });

  it('prefers --env, then FFOPS_ENV, then APP_ENV, then `ffops env use`, then ffops.yaml', async () => {
    const all = { FFOPS_ENV: 'prod', APP_ENV: 'dev' };
    expect(await chosenEnvironment(used, workspace, 'x', all)).to.deep.equal({ name: 'x', by: '--env' });
    expect(await chosenEnvironment(used, workspace, undefined, all)).to.deep.equal({ name: 'prod', by: 'FFOPS_ENV' });
    expect(await chosenEnvironment(used, workspace, undefined, { APP_ENV: 'dev' })).to.deep.equal({
      name: 'dev',
      by: 'APP_ENV',
    });
    expect(await chosenEnvironment(used, workspace, undefined, {})).to.deep.equal({
      name: 'live',
      by: 'ffops env use',
    });
    expect(await chosenEnvironment(files, workspace, undefined, {})).to.deep.equal({ name: 'test', by: 'ffops.yaml' });
    expect(await chosenEnvironment(files, { root: '/w', name: 'acme' }, undefined, {})).to.equal(undefined);
  });

  it('takes an empty variable for none', async () => {
    expect(await chosenEnvironment(files, workspace, undefined, { FFOPS_ENV: ' ', APP_ENV: '' })).to.deep.include({
      name: 'test',
    });
  });

  it('lists what can be one, sorted', async () => {
    expect(await listEnvironments(files, '/w')).to.deep.equal(['dev', 'live', 'prod', 'test']);
    expect(await listEnvironments(fakeFiles(), '/w')).to.deep.equal([]);
  });

  it('refuses one that does not exist, saying who chose it', async () => {
    const refusal = async (name: string): Promise<string> =>
      (await problemsFrom(() => selectEnvironment(files, workspace, undefined, { APP_ENV: name })))
        .map(({ message, hints = [] }) => [message, ...hints].join(' | '))
        .join('\n');
    expect(await refusal('prdo')).to.match(
      /There is no environment `prdo` \(chosen by APP_ENV\)\. \| Did you mean `prod`\? \| There is: dev, live, prod, test/,
    );
    expect(await refusal('old')).to.match(/Rename environments\/old\.yml to environments\/old\.yaml/);
    expect(await refusal('../../etc/passwd')).to.match(/There is no environment/);
  });

  it('asks when nothing says', async () => {
    const [problem] = await problemsFrom(() => selectEnvironment(files, { root: '/w', name: 'acme' }, undefined, {}));
    expect(problem?.message).to.equal('Which environment is meant?');
    expect(problem?.hints?.join(' ')).to.match(/dev, live, prod, test.*--env NAME/);
    const [none] = await problemsFrom(() =>
      selectEnvironment(fakeFiles(), { root: '/w', name: 'acme' }, undefined, {}),
    );
    expect(none?.hints?.[0]).to.match(/ffops env create/);
  });

  it('reads its file, and names a missing one', async () => {
    expect(await readEnvironmentFile(files, '/w', 'prod')).to.deep.equal({
      file: 'environments/prod.yaml',
      text: prod(),
    });
    const [problem] = await problemsFrom(() => readEnvironmentFile(files, '/w', 'stage'));
    expect(problem).to.deep.include({
      message: 'There is no file environments/stage.yaml.',
      at: { file: 'environments/stage.yaml', line: 1, column: 1 },
    });
    await problemsFrom(() => readEnvironmentFile(files, '/w', '../../w/environments/prod'));
  });
});
