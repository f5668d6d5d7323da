import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { filtersOf, type NetworkPolicy, type PolicedPod } from '../../../../src/sandbox/real/policies/policy.ts';
import { rulesetOf } from '../../../../src/sandbox/real/policies/ruleset.ts';
import { passes } from '../../../support/packets.ts';

const network = { apiAddress: '192.0.2.1', podRange: '198.18.0.0/16', loadBalancerRange: '203.0.113.0/24' };
const LOAD_BALANCER = '203.0.113.7';
const NODE = '10.100.0.2';
const FAR = '9.9.9.9';

const namespaces = new Map<string, Readonly<Record<string, string>>>([
  ['shop', { 'kubernetes.io/metadata.name': 'shop', team: 'sales' }],
  ['data', { 'kubernetes.io/metadata.name': 'data' }],
  ['tools', { 'kubernetes.io/metadata.name': 'tools', team: 'sales' }],
]);

const http = (number: number): PolicedPod['ports'] => [{ name: 'http', protocol: 'TCP', number }];
const pods: Readonly<Record<string, PolicedPod>> = {
  'shop/web': { namespace: 'shop', labels: { app: 'web' }, address: '198.18.0.2', ports: http(8080) },
  'shop/api': { namespace: 'shop', labels: { app: 'api' }, address: '198.18.0.3', ports: http(3000) },
  'shop/job': { namespace: 'shop', labels: { app: 'job', tier: 'batch' }, address: '198.18.0.4', ports: [] },
  'data/db': {
    ...{ namespace: 'data', labels: { app: 'db' }, address: '198.18.0.5' },
    ports: [{ name: 'sql', protocol: 'TCP', number: 5432 }],
  },
  'tools/web': { namespace: 'tools', labels: { app: 'web' }, address: '198.18.0.6', ports: http(9090) },
};

/** `policies` without what every policy has; `where` is its namespace. */
function rules(where: string, ...specs: readonly string[]): string {
  const policies = specs.map((spec, index) => ({
    metadata: { name: `policy-${String(index)}`, uid: String(index), namespace: where },
    spec: parseAllDocuments(spec)[0]!.toJS() as NetworkPolicy['spec'],
  }));
  return rulesetOf(filtersOf({ pods: Object.values(pods), namespaces, policies }), network);
}

/** `shop/web > data/db tcp 5432`; who is no pod is an address. */
function pass(ruleset: string, text: string): boolean {
  const [from = '', , to = '', protocol = '', port = ''] = text.split(' ');
  const addressOf = (who: string): string => pods[who]?.address ?? who;
  const packet = { from: addressOf(from), to: addressOf(to), protocol, port: Number(port) };
  if (packet.from === NODE) return passes(ruleset, 'output', packet);
  return passes(ruleset, packet.to === NODE || packet.to === network.apiAddress ? 'input' : 'forward', packet);
}

function expectOnly(ruleset: string, { open, shut }: { open: readonly string[]; shut: readonly string[] }): void {
  for (const text of open) expect(pass(ruleset, text), text).to.equal(true);
  for (const text of shut) expect(pass(ruleset, text), text).to.equal(false);
}

describe('network policies on real nodes', () => {
  it('leave alone whoever no policy of its namespace selects', () => {
    expectOnly(rules('shop', 'podSelector: { matchLabels: { app: api } }\npolicyTypes: [Ingress]'), {
      open: ['shop/job > shop/web tcp 8080', 'shop/api > shop/web tcp 8080', `shop/api > ${FAR} tcp 443`],
      shut: ['shop/job > shop/api tcp 3000', 'data/db > shop/api udp 53'],
    });
    expectOnly(rules('tools', 'podSelector: { matchLabels: { app: web } }'), {
      open: ['shop/job > shop/web tcp 8080'],
      shut: ['shop/job > tools/web tcp 9090'],
    });
  });

  it('shut a whole namespace in both directions, but never a node or the pod itself', () => {
    expectOnly(rules('shop', 'podSelector: {}\npolicyTypes: [Ingress, Egress]'), {
      open: [
        'shop/web > shop/web tcp 8080',
        `${NODE} > shop/web tcp 8080`,
        `shop/web > ${NODE} tcp 10250`,
        'data/db > tools/web tcp 9090',
      ],
      shut: [
        'shop/web > shop/api tcp 3000',
        'data/db > shop/web tcp 8080',
        'shop/web > data/db tcp 5432',
        `shop/web > ${FAR} tcp 443`,
        `shop/web > ${network.apiAddress} tcp 443`,
      ],
    });
  });

  it('of the direction Egress shut nobody out', () => {
    expectOnly(rules('shop', 'podSelector: {}\npolicyTypes: [Egress]'), {
      open: ['data/db > shop/web tcp 8080'],
      shut: ['shop/web > data/db tcp 5432'],
    });
  });

  it('without a direction are Ingress, and Egress when they have a rule for it', () => {
    expectOnly(rules('shop', 'podSelector: {}'), {
      open: ['shop/web > data/db tcp 5432'],
      shut: ['data/db > shop/web tcp 1'],
    });
    expectOnly(rules('shop', 'podSelector: {}\negress: [{ ports: [{ port: 5432 }] }]'), {
      open: ['shop/web > data/db tcp 5432', `shop/web > ${FAR} tcp 5432`],
      shut: ['shop/web > data/db tcp 5433', 'data/db > shop/web tcp 1'],
    });
  });

  it('take an empty rule for everyone, and add up', () => {
    const shut = 'podSelector: {}\npolicyTypes: [Ingress]';
    expectOnly(rules('shop', shut, 'podSelector: { matchLabels: { app: web } }\ningress: [{}]'), {
      open: ['data/db > shop/web udp 1', `${FAR} > shop/web tcp 1`],
      shut: ['data/db > shop/api tcp 3000'],
    });
  });

  it('mean pods of their own namespace by a podSelector alone, and of others with a namespaceSelector', () => {
    const from = (peers: string): string =>
      rules('shop', `podSelector: { matchLabels: { app: api } }\ningress: [{ from: [${peers}] }]`);
    expectOnly(from('{ podSelector: { matchLabels: { app: web } } }'), {
      open: ['shop/web > shop/api tcp 1'],
      shut: ['tools/web > shop/api tcp 1', 'shop/job > shop/api tcp 1', `${FAR} > shop/api tcp 1`],
    });
    expectOnly(from('{ namespaceSelector: { matchLabels: { team: sales } } }'), {
      open: ['shop/job > shop/api tcp 1', 'tools/web > shop/api tcp 1'],
      shut: ['data/db > shop/api tcp 1'],
    });
    expectOnly(
      from('{ namespaceSelector: { matchLabels: { team: sales } }, podSelector: { matchLabels: { app: web } } }'),
      { open: ['shop/web > shop/api tcp 1', 'tools/web > shop/api tcp 1'], shut: ['shop/job > shop/api tcp 1'] },
    );
    expectOnly(from('{ namespaceSelector: {} }'), {
      open: ['data/db > shop/api tcp 1'],
      shut: [`${FAR} > shop/api tcp 1`],
    });
  });

  it('know every operator of a selector', () => {
    const of = (expression: string): string =>
      rules('shop', `podSelector: {}\ningress: [{ from: [{ podSelector: { matchExpressions: [${expression}] } }] }]`);
    const [web, job] = ['shop/web > shop/api tcp 1', 'shop/job > shop/api tcp 1'] as const;
    expectOnly(of('{ key: app, operator: In, values: [web, db] }'), { open: [web], shut: [job] });
    expectOnly(of('{ key: tier, operator: NotIn, values: [batch] }'), { open: [web], shut: [job] });
    expectOnly(of('{ key: tier, operator: Exists }'), { open: [job], shut: [web] });
    expectOnly(of('{ key: tier, operator: DoesNotExist }'), { open: [web], shut: [job] });
    expectOnly(of('{ key: app, operator: Exists }, { key: tier, operator: DoesNotExist }'), {
      open: [web],
      shut: [job],
    });
  });

  it('take a range for addresses outside the cluster, without its exceptions', () => {
    const from = '{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8, 10.1.0.0/16] } }, { ipBlock: { cidr: "::/0" } }';
    expectOnly(rules('shop', `podSelector: {}\negress: [{ to: [${from}], ports: [{ port: 443 }] }]`), {
      open: [`shop/web > ${FAR} tcp 443`, `shop/web > ${network.apiAddress} tcp 443`],
      shut: [
        `shop/web > ${FAR} tcp 80`,
        'shop/web > 10.9.9.9 tcp 443',
        'shop/web > 10.1.9.9 tcp 443',
        'shop/web > data/db tcp 443',
      ],
    });
    expectOnly(rules('shop', 'podSelector: {}\ningress: [{ from: [{ ipBlock: { cidr: 9.9.0.0/16 } }] }]'), {
      open: [`${FAR} > shop/web tcp 1`],
      shut: ['9.8.9.9 > shop/web tcp 1', 'data/db > shop/web tcp 1'],
    });
  });

  it('know ports by number, range, protocol and name', () => {
    const into = (ports: string): string => rules('shop', `podSelector: {}\ningress: [{ ports: [${ports}] }]`);
    expectOnly(into('{ port: 53, protocol: UDP }, { port: 8000, endPort: 8080 }'), {
      open: ['data/db > shop/web udp 53', 'data/db > shop/web tcp 8000', 'data/db > shop/web tcp 8080'],
      shut: ['data/db > shop/web tcp 53', 'data/db > shop/web tcp 8081', 'data/db > shop/web udp 8000'],
    });
    expectOnly(into('{ protocol: SCTP }'), {
      open: ['data/db > shop/web sctp 7'],
      shut: ['data/db > shop/web tcp 7'],
    });
    expectOnly(into('{ port: http }'), {
      open: ['data/db > shop/web tcp 8080', 'data/db > shop/api tcp 3000'],
      shut: ['data/db > shop/web tcp 3000', 'data/db > shop/job tcp 8080', 'data/db > shop/web udp 8080'],
    });
  });

  it('know a name on the way out as the port of the pod that is called', () => {
    const to = (rule: string): string => rules('shop', `podSelector: {}\npolicyTypes: [Egress]\negress: [{ ${rule} }]`);
    expectOnly(
      to('to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: web } } }], ports: [{ port: http }]'),
      {
        open: ['shop/job > shop/web tcp 8080', 'shop/job > tools/web tcp 9090'],
        shut: ['shop/job > tools/web tcp 8080', 'shop/job > shop/api tcp 3000'],
      },
    );
    expectOnly(to('ports: [{ port: http }, { port: 5432 }]'), {
      open: ['shop/job > shop/api tcp 3000', `shop/job > ${FAR} tcp 5432`],
      shut: [`shop/job > ${FAR} tcp 3000`, 'shop/job > data/db tcp 8080'],
    });
    expectOnly(to('to: [{ ipBlock: { cidr: 0.0.0.0/0 } }], ports: [{ port: http }]'), {
      open: [],
      shut: [`shop/job > ${FAR} tcp 8080`, 'shop/job > shop/web tcp 8080'],
    });
  });

  it('ask both sides', () => {
    const both = (spec: string): string => rules('shop', 'podSelector: {}\npolicyTypes: [Ingress, Egress]', spec);
    const call = 'shop/job > shop/api tcp 3000';
    const [out, into] = [
      'podSelector: { matchLabels: { app: job } }\npolicyTypes: [Egress]\negress: [{}]',
      'podSelector: { matchLabels: { app: api } }\ningress: [{}]',
    ] as const;
    expect(pass(both(out), call)).to.equal(false);
    expect(pass(both(into), call)).to.equal(false);
    const shut = 'podSelector: {}\npolicyTypes: [Ingress, Egress]';
    expect(pass(rules('shop', shut, out, into), call)).to.equal(true);
  });

  it('take what comes through a load balancer as from outside, although nodes bring it in', () => {
    const through = (ruleset: string): boolean => {
      const packet = { from: network.apiAddress, to: pods['shop/web']!.address, protocol: 'tcp', port: 8080 };
      return passes(ruleset, 'output', packet, LOAD_BALANCER);
    };
    const from = (peer: string): string => rules('shop', `podSelector: {}\ningress: [{ from: [${peer}] }]`);
    expect(through(from('{ namespaceSelector: {} }'))).to.equal(false);
    expect(through(from('{ ipBlock: { cidr: 0.0.0.0/0 } }'))).to.equal(true);
    expect(through(rules('shop', 'podSelector: {}\ningress: [{ ports: [{ port: http }] }]'))).to.equal(true);
    expect(through(rules('data', 'podSelector: {}'))).to.equal(true);
  });

  it('become one transaction, with a chain for all of whom the same is said, and answers let through', () => {
    const text = rules('shop', 'podSelector: {}\ningress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }]');
    expect(text).to.equal(`add table ip network-policies
delete table ip network-policies
table ip network-policies {
  chain into-0 {
    ip saddr { 198.18.0.2, 198.18.0.3, 198.18.0.4 } tcp dport 80 return
    drop
  }
  map senders {
    type ipv4_addr : verdict
  }
  map receivers {
    type ipv4_addr : verdict
    elements = { 198.18.0.2 : jump into-0, 198.18.0.3 : jump into-0, 198.18.0.4 : jump into-0 }
  }
  set selves {
    type ipv4_addr . ipv4_addr
    elements = { 198.18.0.2 . 198.18.0.2, 198.18.0.3 . 198.18.0.3, 198.18.0.4 . 198.18.0.4 }
  }
  chain forward {
    type filter hook forward priority filter;
    ct state established,related accept
    ip saddr . ip daddr @selves accept
    ip saddr vmap @senders
    ip daddr vmap @receivers
  }
  chain input {
    type filter hook input priority filter;
    ct state established,related accept
    ip daddr 192.0.2.1 ip saddr vmap @senders
  }
  chain output {
    type filter hook output priority filter;
    ct state established,related accept
    ct original ip daddr 203.0.113.0/24 ip daddr vmap @receivers
  }
}
`);
  });
});
