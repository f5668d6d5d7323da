import { expect } from 'chai';
import type { Target } from '../../../src/engine/contracts.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { Command } from '../../../src/ports/runner.ts';
import { moveStates } from '../../../src/usecases/state-move.ts';
import { aBlueprint, aStack, realWorld } from '../../support/blueprint.ts';
import { fakePorts, revealed } from '../../support/fakes.ts';

const folder = '/w/.ffops/dev';
const stackFolder = `${folder}/stacks/base`;
const record = `${stackFolder}/.terraform/terraform.tfstate`;
const oldFile = `${folder}/state/base.tfstate`;
const place = 'shop-state/dev/base.tfstate';

const state = (over: object = {}) =>
  JSON.stringify({
    version: 4,
    lineage: 'ours',
    serial: 3,
    outputs: {},
    resources: [{ type: 'x', instances: ['canary'] }],
    ...over,
  });

interface World {
  /** What `state pull` finds at the old place, and at the new one before and after the push. */
  readonly old: string;
  readonly present: string;
  readonly copy?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** How often `ps` still finds the tofu of an earlier run. */
  readonly busyFor?: number;
}

async function move({ old, present, copy = old, files = { [oldFile]: 'encrypted' }, busyFor = 0 }: World) {
  let looks = 0;
  const told: string[] = [];
  const fakes = fakePorts({ files: { ...files, [`${stackFolder}/main.tf`]: '' } });
  let pushed: Command | undefined;
  fakes.runner.allow({ program: 'ps', args: ['-o', 'lstart=', '-p', '66'] }, () =>
    (looks += 1) > busyFor ? { exitCode: 1 } : { stdout: 'today' },
  );
  fakes.runner.allow({ program: 'ps' }, { stdout: 'today' });
  fakes.runner.allow({ program: 'tofu', args: ['init', '-input=false', '-no-color'] });
  fakes.runner.allow({ program: 'tofu', args: ['state', 'pull'] }, ({ cwd }) => ({
    stdout: cwd !== stackFolder ? old : pushed === undefined ? present : copy,
  }));
  fakes.runner.allow({ program: 'tofu', args: ['state', 'push', '-'] }, (command) => {
    pushed = command;
    return {};
  });
  const blueprint = aBlueprint({
    stacks: [aStack({ name: 'base', releases: [], needsCluster: false })],
    state: {
      kind: 's3',
      bucket: 'shop-state',
      region: 'ams3',
      endpoint: 'https://s3.test',
      prefix: 'dev',
      credentials: {},
    },
  });
  const unused = new Proxy(
    {},
    {
      get: (_, name) => () => {
        throw new Error(`unexpected: ${String(name)}`);
      },
    },
  );
  const target: Target = {
    blueprint,
    surroundings: realWorld,
    workspace: '/w',
    operator: { user: 'me', host: 'here', pid: 7 },
    machine: { cores: 2, freeMemoryBytes: 1e9 },
    tool: async (name) => name,
    providerMirror: undefined,
    secrets: { get: async () => new Secret('a passphrase') },
    apps: unused as Target['apps'],
    cluster: unused as Target['cluster'],
    cloud: unused as Target['cloud'],
    render: async () => [],
  };
  const outcome = await moveStates(fakes.ports, { target, stacks: [] }, async (event) => {
    if ('text' in event) told.push(event.text);
  }).then(
    ({ stacks }) => stacks[0],
    (error: { code?: string }) => {
      if (error.code === undefined) throw error;
      return error.code;
    },
  );
  return { outcome, fakes, pushed, told };
}

describe('a state that moves', () => {
  it('is pushed through stdin, compared, and only then put aside', async () => {
    const { outcome, fakes, pushed } = await move({ old: state(), present: '' });
    expect(outcome).to.deep.equal({
      stack: 'base',
      outcome: 'moved',
      from: 'state/base.tfstate on this machine',
      to: place,
      serial: 3,
      resources: 1,
    });
    expect(revealed(pushed?.stdin)).to.equal(state());
    expect([...fakes.files.content.keys()])
      .to.include(`${oldFile}.moved`)
      .and.not.to.include(oldFile);
    const written = [...fakes.files.content.values()].join();
    expect(written).not.to.contain('canary');
  });

  it('that arrives changed, older, or as another one, does not count', async () => {
    for (const copy of [state({ resources: [] }), state({ serial: 2 }), state({ lineage: 'other' }), '']) {
      const { outcome, fakes } = await move({ old: state(), present: '', copy });
      expect(outcome, copy).to.equal('state.differs');
      expect(fakes.files.content.get(oldFile)).to.equal('encrypted');
    }
  });

  it('does not replace another one', async () => {
    const { outcome, pushed } = await move({ old: state(), present: state({ lineage: 'other' }) });
    expect(outcome).to.equal('state.occupied');
    expect(pushed).to.equal(undefined);
  });

  it('leaves what the last init wrote when it fails', async () => {
    const remembered = JSON.stringify({ backend: { type: 'local', config: { path: oldFile } } });
    const { fakes } = await move({
      old: state(),
      present: '',
      copy: '',
      files: { [oldFile]: 'encrypted', [record]: remembered },
    });
    expect(fakes.files.content.get(record)).to.equal(remembered);
  });

  it('is not pushed when it is there already', async () => {
    const { outcome, pushed } = await move({ old: state(), present: state({ serial: 4 }) });
    expect(outcome).to.include({ outcome: 'moved' });
    expect(pushed).to.equal(undefined);
  });

  it('was never made, or is where it should be: nothing happens', async () => {
    expect((await move({ old: '', present: '', files: {} })).outcome).to.deep.equal({
      stack: 'base',
      outcome: 'none',
      to: place,
    });
    const there = JSON.stringify({
      backend: { type: 's3', config: { bucket: 'shop-state', key: 'dev/base.tfstate', role: null } },
    });
    expect((await move({ old: state(), present: state(), files: { [record]: there } })).outcome).to.include({
      outcome: 'in place',
    });
  });

  it('that was killed after the new place was initialised begins again, and is not taken for one that arrived', async () => {
    const there = JSON.stringify({
      backend: { type: 's3', config: { bucket: 'shop-state', key: 'dev/base.tfstate' } },
    });
    const here = JSON.stringify({ backend: { type: 'local', config: { path: oldFile } } });
    const aside = `${stackFolder}/.terraform.before/terraform.tfstate`;
    for (const before of [here, '{}']) {
      const files = { [oldFile]: 'encrypted', [record]: there, [aside]: before };
      const { outcome, pushed } = await move({ old: state(), present: '', files });
      expect(outcome).to.include({ outcome: 'moved' });
      expect(revealed(pushed?.stdin)).to.equal(state());
    }
  });

  it('is in the journal, and so is the tofu that writes it', async () => {
    const { fakes } = await move({ old: state(), present: '' });
    const lines = (fakes.files.content.get(`${folder}/journal.jsonl`) ?? '').trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as { kind: string; command?: string; stack?: string });
    expect(entries.map(({ kind }) => kind)).to.deep.equal([
      'run-started',
      'stack-started',
      'tool-starting',
      'tool-ended',
      'stack-ended',
      'run-ended',
    ]);
    expect(entries[0]?.command).to.equal('state move');
  });

  it('waits for a tofu that an earlier run left at work on it, however slow', async () => {
    const entry = (over: object) => `${JSON.stringify({ at: '2026-01-15T02:00:00Z', run: 'one', ...over })}\n`;
    const journal = [
      entry({ kind: 'run-started', command: 'state move', user: 'me', host: 'here', pid: 6 }),
      entry({ kind: 'stack-started', stack: 'base', creates: [] }),
      entry({ kind: 'tool-starting', stack: 'base' }),
      entry({ kind: 'tool-started', stack: 'base', pid: 66, started: 'today' }),
    ].join('');
    const files = { [oldFile]: 'encrypted', [`${folder}/journal.jsonl`]: journal };
    const { outcome, fakes, told } = await move({ old: state(), present: '', files, busyFor: 5 });
    expect(outcome).to.include({ outcome: 'moved' });
    expect(fakes.clock.sleeps.length).to.be.at.least(4);
    expect(told.join('\n'))
      .to.match(/"ffops state move" of me@here.*was interrupted. It was at base/)
      .and.to.match(/tofu \(pid 66\).*still works on base/);
  });
});
