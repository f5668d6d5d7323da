import { expect } from 'chai';
import { answers } from '../../../src/usecases/status.ts';
import { statusText } from '../../../src/views/status.ts';
import { styleFor } from '../../../src/views/style.ts';

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
  const about = { environment: 'prod', platform: 'doks', rootDomain: 'shop.test' };
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
