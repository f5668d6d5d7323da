import { expect } from 'chai';
import { FailedError } from '../../../src/errors.ts';
import type { LockHolder } from '../../../src/engine/run-lock.ts';
import type { ToolReport } from '../../../src/toolchain/toolchain.ts';
import { environmentChecks } from '../../../src/usecases/doctor/environment.ts';
import { nodeCheck, toolChecks } from '../../../src/usecases/doctor/machine.ts';
import type { DoctorRequest } from '../../../src/usecases/doctor/request.ts';
import { fakePorts } from '../../support/fakes.ts';

const operator = { user: 'me', host: 'laptop', pid: 7 };

/** An environment with one name, and a cluster that says what the test wants. */
function request(access: () => Promise<unknown>, provider: 'none' | 'digitalocean' = 'none'): DoctorRequest {
  const parts = {
    operator,
    workspace: async () => ({ root: '/shop', name: 'shop' }),
    surroundings: async () => ({ root: '/shop/.ffops' }),
    choice: async () => ({ name: 'dev', by: '--env' }),
    blueprint: async () => ({ environment: 'dev', hosts: [{ name: 'hello.shop.kube' }] }),
    environment: async () => ({ name: 'dev', environment: { dns: { provider } } }),
    hands: async () => ({ cluster: { access } }),
  };
  return parts as unknown as DoctorRequest;
}

describe('doctor', () => {
  it('knows which Node is too old', () => {
    const state = (nodeVersion: string) => nodeCheck({ nodeVersion, nodeWanted: '22.18' }).state;
    expect(['20.11.1', '22.17.9', '22.18.0', '22.20.0', '24.1.0'].map(state)).to.deep.equal([
      'wrong',
      'wrong',
      'fine',
      'fine',
      'fine',
    ]);
  });

  describe('of tools', () => {
    const found = { name: 'helm', path: '/bin/helm', version: '3.20.0', origin: 'path', reason: 'on PATH' } as const;
    const report = (name: string, parts: Partial<ToolReport> = {}): ToolReport => ({
      name,
      pinned: '1.0.0',
      neededFor: 'plans',
      forSandbox: false,
      found: undefined,
      notes: [],
      ...parts,
    });
    const reports = [
      report('tofu', { notes: ['/bin/tofu is 1.6.0'] }),
      report('helm', { found }),
      report('kubectl', { found, notes: ['/bin/kubectl is 1.1.0'] }),
      report('sops'),
      report('etcd', { forSandbox: true }),
      report('kwok', { forSandbox: true }),
    ];
    const looked = async (tools: readonly ToolReport[], sandbox = false) =>
      (await toolChecks({ tools: async () => tools, sandbox })).map(({ title, state, detail, cures }) => [
        title,
        state,
        detail,
        ...cures,
      ]);

    it('calls those that are missing wrong, with one cure; one on PATH that is odd matters no more', async () => {
      expect(await looked(reports)).to.deep.equal([
        ['helm', 'fine', '3.20.0, on PATH'],
        ['kubectl', 'fine', '3.20.0, on PATH; /bin/kubectl is 1.1.0'],
        ['missing', 'wrong', 'tofu (/bin/tofu is 1.6.0), sops', 'ffops toolchain install tofu sops'],
        ['for --sandbox', 'note', 'etcd, kwok', 'ffops toolchain install'],
      ]);
    });

    it('wants those of the sandbox with --sandbox', async () => {
      expect((await looked(reports.slice(1, 5), true)).at(-1)).to.deep.equal([
        'missing',
        'wrong',
        'sops, etcd',
        'ffops toolchain install sops etcd',
      ]);
    });

    it('names none of them when nothing is there', async () => {
      expect((await looked([report('tofu'), report('etcd', { forSandbox: true })]))[0]).to.deep.equal([
        'missing',
        'wrong',
        'tofu',
        'ffops toolchain install',
      ]);
    });
  });

  it('says who works on the environment, whether it has a cluster, and which names lead nowhere', async () => {
    const holder: LockHolder = {
      user: 'ann',
      host: 'desk',
      pid: 3,
      started: '',
      since: '2026-01-15T02:59:00.000Z',
      command: 'apply',
    };
    const fakes = fakePorts({ files: { '/shop/.ffops/dev/run.lock': JSON.stringify(holder) } });
    fakes.network.knows('hello.shop.kube', []);
    const checks = await environmentChecks(
      fakes.ports,
      request(async () => undefined),
    );
    expect(checks.map(({ title, state, detail, cures }) => [title, state, detail, cures[0]])).to.deep.equal([
      [
        'lock',
        'note',
        'ffops apply of ann@desk (pid 3) works on it since 2026-01-15T02:59:00.000Z',
        'wait for it, or stop it where it runs',
      ],
      ['cluster', 'note', 'not made yet', 'ffops apply -e dev'],
      ['names', 'note', 'no address: hello.shop.kube', 'ffops env hosts dev | sudo tee -a /etc/hosts'],
    ]);
  });

  it('goes on when the cluster does not answer, with what it said', async () => {
    const fakes = fakePorts();
    fakes.network.knows('hello.shop.kube', ['192.0.2.1']);
    const silent = async () => {
      throw new FailedError('cluster.unreachable', { message: 'the cluster does not answer', hints: ['start it'] });
    };
    const checks = await environmentChecks(fakes.ports, request(silent, 'digitalocean'));
    expect(checks.map(({ title, state, detail }) => [title, state, detail])).to.deep.equal([
      ['lock', 'fine', 'nobody works on it now'],
      ['cluster', 'wrong', 'the cluster does not answer'],
      ['names', 'fine', '1 of 1 have an address'],
    ]);
  });
});
