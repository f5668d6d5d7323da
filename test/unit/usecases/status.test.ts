import { expect } from 'chai';
import { FailedError } from '../../../src/errors.ts';
import { answers, status, type StatusRequest } from '../../../src/usecases/status.ts';
import { statusText } from '../../../src/views/status.ts';
import { styleFor } from '../../../src/views/style.ts';
import { aBlueprint, origin } from '../../support/blueprint.ts';
import { fakePorts } from '../../support/fakes.ts';

describe('a name of the sandbox', () => {
  const record = (type: string, name: string, data: string) => ({ type, name, data });
  const records = [
    record('A', '@', '203.0.113.1'),
    record('A', 'www', '203.0.113.2'),
    record('TXT', 'www', 'text'),
    record('CNAME', 'blog', 'www.shop.test.'),
    record('A', '*', '203.0.113.3'),
    record('A', '*.apps', '203.0.113.4'),
  ];
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['shop.test', ['203.0.113.1']],
    ['www.shop.test', ['203.0.113.2']],
    ['blog.shop.test', ['www.shop.test.']],
    ['anything.shop.test', ['203.0.113.3']],
    ['one.apps.shop.test', ['203.0.113.4']],
    ['one.two.shop.test', []],
  ];
  for (const [host, addresses] of cases) {
    it(`${host} leads to ${addresses.join() || 'nothing'}`, () =>
      expect(answers(records, host, 'shop.test')).to.deep.equal(addresses));
  }
});

describe('one screen', () => {
  const style = styleFor(false);
  const about = {
    verdict: 'done',
    troubles: [],
    environment: 'prod',
    platform: 'doks',
    rootDomain: 'shop.test',
  } as const;
  const release = {
    stack: 'infra',
    release: 'traefik',
    namespace: 'infra',
    chart: 'traefik-41.6.0',
    appVersion: 'v3',
    podsReady: 2,
    podsWanted: 2,
  };

  it('before the first apply says what makes the cluster', () => {
    const absent = {
      ...release,
      status: 'absent',
      chart: '',
      appVersion: '',
      podsReady: 0,
      podsWanted: 0,
      healthy: false,
    };
    const text = statusText({ ...about, releases: [absent], hosts: [] }, style);
    expect(text).to.contain('ffops apply -e prod').and.to.contain('not applied').and.not.to.contain('Backups');
  });

  it('of an environment in trouble names each trouble', () => {
    const text = statusText(
      {
        ...about,
        cluster: { context: 'do-ams3-shop', ready: 2, total: 3, version: 'v1.36.3' },
        releases: [
          { ...release, status: 'deployed', healthy: true },
          { ...release, release: 'waf', status: 'pending-upgrade', healthy: false },
          { ...release, release: 'velero', status: 'deployed', podsReady: 1, healthy: false },
        ],
        certificates: [
          {
            namespace: 'shop',
            name: 'www',
            hosts: ['www.shop.test'],
            ready: true,
            message: '',
            expires: '',
            daysLeft: 6,
          },
          { namespace: 'shop', name: 'blog', hosts: [], ready: false, message: 'rate limited' },
        ],
        hosts: [{ host: 'www.shop.test', owner: 'shop', addresses: [] }],
        backups: {
          newest: { name: 'today', phase: 'Failed', startedAt: '', ageHours: 1 },
          newestGood: { name: 'last', phase: 'Completed', startedAt: '', ageHours: 72 },
        },
      },
      style,
    );
    for (const words of [
      '2 of 3 nodes ready',
      'Kubernetes 1.36.3',
      'pending-upgrade',
      '1/2 pods',
      '6 days left',
      'shop/blog',
      'rate limited',
      'no answer',
      'last, 3 days old',
      'today, is Failed',
    ]) {
      expect(text).to.contain(words);
    }
  });
});

describe('status when things are broken', () => {
  const { cluster: _none, ...clusterless } = aBlueprint({
    stacks: [],
    hosts: ['www.shop.test', 'blog.shop.test'].map((name) => ({ name, owner: 'shop', purpose: 'a page', origin })),
  });

  function ask(cluster: object) {
    const fakes = fakePorts();
    fakes.network.knows('www.shop.test', ['203.0.113.1']);
    const resolve = fakes.network.resolve.bind(fakes.network);
    const network = {
      ...fakes.network,
      resolve: async (name: string) => {
        if (name.startsWith('blog')) throw new FailedError('network.noResolver', { message: 'The resolver is ill.' });
        return resolve(name);
      },
    };
    const hands = {
      cluster,
      cloud: {},
      run: () => Promise.reject(new Error('nothing to run')),
    } as unknown as StatusRequest['hands'];
    return status({ ...fakes.ports, network }, { blueprint: clusterless, surroundings: { kind: 'real' }, hands });
  }

  it('a name that nobody can look up takes no other answer away', async () => {
    const result = await ask({ access: async () => undefined });
    expect(result.hosts).to.deep.equal([
      { host: 'www.shop.test', owner: 'shop', addresses: ['203.0.113.1'] },
      { host: 'blog.shop.test', owner: 'shop', addresses: [], trouble: 'The resolver is ill.' },
    ]);
    expect(result.verdict).to.equal('done');
  });

  it('a cluster that does not answer is one of the answers, and the command fails', async () => {
    const trouble = new FailedError('cluster.unreachable', { message: 'It does not answer.', hints: ['Look.'] });
    const result = await ask({ access: () => Promise.reject(trouble) });
    expect(result.verdict).to.equal('failed');
    expect(result.hosts).to.have.length(2);
    const text = statusText(result, styleFor(false));
    expect(text).to.contain('Could not be asked').and.to.contain('It does not answer.').and.to.contain('Look.');
    expect(text).not.to.contain('No cluster yet');
  });

  it('another cluster than the recorded one stops it', async () => {
    const another = new FailedError('cluster.another', { message: 'Another one.' });
    const thrown = await ask({ access: () => Promise.reject(another) }).catch((error: unknown) => error);
    expect(thrown).to.equal(another);
  });
});
