import { expect } from 'chai';
import { certificatesOf } from '../../../src/sandbox/controllers/certificates.ts';
import type { Ingress, Service } from '../../../src/sandbox/controllers/controller.ts';
import { addressOf } from '../../../src/sandbox/controllers/ingress-addresses.ts';
import { requestFor } from '../../../src/sandbox/controllers/load-balancers.ts';
import { bytesOf, gibibytesOf } from '../../../src/sandbox/controllers/quantity.ts';
import { serverArguments } from '../../../src/sandbox/controllers/velero-server.ts';
import { nodeStatus } from '../../../src/sandbox/kubernetes/nodes.ts';

describe('the part of a load balancer', () => {
  const service: Service = {
    metadata: { name: 'traefik', namespace: 'infra', uid: '0f3c-4d', annotations: {} },
    spec: {
      type: 'LoadBalancer',
      ports: [
        { port: 443, nodePort: 30443, protocol: 'TCP' },
        { port: 53, nodePort: 30053, protocol: 'UDP' },
      ],
    },
  };

  it('is named after the service, as the real controller names it', () => {
    expect(requestFor(service, 'c1')).to.deep.equal({
      cluster: 'c1',
      name: 'a0f3c4d',
      proxyProtocol: false,
      ports: [
        { entry: 443, target: 30443, protocol: 'tcp' },
        { entry: 53, target: 30053, protocol: 'udp' },
      ],
    });
  });

  it('reads name, size and proxy protocol from annotations', () => {
    const prefix = 'service.beta.kubernetes.io/do-loadbalancer-';
    const annotations = {
      [`${prefix}name`]: 'shop',
      [`${prefix}size-unit`]: '2',
      [`${prefix}enable-proxy-protocol`]: 'true',
    };
    const request = requestFor({ ...service, metadata: { ...service.metadata, annotations } }, 'c1');
    expect(request).to.include({ name: 'shop', sizeUnit: 2, proxyProtocol: true });
  });
});

describe('the address of an ingress', () => {
  const ingress: Ingress = { metadata: { name: 'web', uid: '1' }, spec: { ingressClassName: 'traefik' } };
  const labels = { 'app.kubernetes.io/instance': 'traefik-infra' };
  const ingressClass = { metadata: { name: 'traefik', uid: '2', labels } };
  const service: Service = {
    metadata: { name: 'traefik', uid: '3', labels },
    spec: { type: 'LoadBalancer' },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } },
  };

  it('is the load balancer of the release that brought its class', () => {
    const other = {
      ...service,
      metadata: { ...service.metadata, labels: {} },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } },
    };
    expect(addressOf(ingress, [ingressClass], [other, service])).to.deep.equal({ ingress: [{ ip: '203.0.113.7' }] });
  });

  it('is empty without a class, or while the load balancer has no address', () => {
    expect(addressOf(ingress, [], [service])).to.deep.equal({});
    expect(addressOf(ingress, [ingressClass], [{ ...service, status: {} }])).to.deep.equal({});
  });

  it('is the own one of a local cluster, also for an ingress that takes the default class', () => {
    const own = {
      metadata: { name: 'nginx', uid: '4', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    };
    expect(addressOf({ ...ingress, spec: {} }, [own], [], '192.0.2.10')).to.deep.equal({
      ingress: [{ ip: '192.0.2.10' }],
    });
  });
});

describe('the certificates of an ingress', () => {
  const ingress: Ingress = {
    metadata: {
      name: 'web',
      namespace: 'app',
      uid: '1',
      annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
    },
    spec: { tls: [{ hosts: ['www.shop.example'], secretName: 'web-tls' }, { hosts: ['no-secret.shop.example'] }] },
  };

  it('are one for each Secret, owned by the ingress', () => {
    const [certificate, ...rest] = certificatesOf(ingress);
    expect(rest).to.deep.equal([]);
    expect(certificate?.metadata.ownerReferences[0]).to.include({ kind: 'Ingress', name: 'web', uid: '1' });
    expect(certificate?.spec).to.deep.include({
      secretName: 'web-tls',
      dnsNames: ['www.shop.example'],
      issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer', group: 'cert-manager.io' },
    });
  });

  it('are none when no issuer is named', () => {
    expect(certificatesOf({ ...ingress, metadata: { ...ingress.metadata, annotations: {} } })).to.deep.equal([]);
  });
});

describe('sizes', () => {
  it('are read as Kubernetes writes them', () => {
    expect(bytesOf('512')).to.equal(512);
    expect(bytesOf('1.5Gi')).to.equal(1.5 * 2 ** 30);
    expect(bytesOf('2G')).to.equal(2e9);
    expect(() => bytesOf('large')).to.throw('not a quantity: large');
  });

  it('of volumes are whole gibibytes, one at least', () => {
    expect(gibibytesOf('1500Mi')).to.equal(2);
    expect(gibibytesOf('10Gi')).to.equal(10);
    expect(gibibytesOf('1Mi')).to.equal(1);
  });
});

describe("the arguments of Velero's server", () => {
  it("are the release's, without those that the sandbox decides", () => {
    const args = [
      'server',
      '--uploader-type=kopia',
      '--metrics-address',
      ':8085',
      '--plugin-dir=/plugins',
      '--default-volumes-to-fs-backup',
    ];
    expect(serverArguments({ name: 'velero', image: 'velero', args })).to.deep.equal([
      'server',
      '--uploader-type=kopia',
      '--default-volumes-to-fs-backup',
    ]);
  });
});

describe('a node', () => {
  it('keeps a little for itself, and is dialled on loopback alone', () => {
    const status = nodeStatus({
      name: 'apps-1',
      dropletId: 1,
      poolId: 'p',
      vcpus: 2,
      memoryMiB: 4096,
      diskGiB: 80,
      labels: {},
      taints: [],
      providerId: 'digitalocean://1',
      privateAddress: '10.0.0.2',
      publicAddress: '198.51.100.2',
      kubeletVersion: 'v1.36.3',
    }) as { capacity: object; allocatable: object; addresses: { type: string; address: string }[] };
    expect(status.capacity).to.include({ cpu: '2', memory: '4096Mi' });
    expect(status.allocatable).to.include({ cpu: '1900m', memory: '3072Mi' });
    expect(status.addresses.find(({ type }) => type === 'InternalIP')?.address).to.equal('127.0.0.1');
  });
});
