import type { KubeClient } from '../kubernetes/client.ts';
import { DNS_IMAGE } from './kit.ts';
import type { RealNetwork } from './real-nodes.ts';

const NAMESPACE = '/namespaces/kube-system';
const DNS = 'coredns';
/** No servers beyond: a name that is not of the cluster does not exist in here. */
const COREFILE = `.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
    cache 5
    loadbalance
}
`;

/** What pods that really run need of a cluster: the way to its API, and names. Does nothing the second time. */
export async function furnishRealNodes(client: KubeClient, network: RealNetwork): Promise<void> {
  await Promise.all([apiEndpoint(client, network), nameServer(client, network)]);
}

/** The API server announces itself nowhere, because elsewhere its address is nobody's. */
async function apiEndpoint(client: KubeClient, { apiAddress }: RealNetwork): Promise<void> {
  await client.ensure('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [apiAddress], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
  });
}

async function nameServer(client: KubeClient, { dnsAddress }: RealNetwork): Promise<void> {
  const labels = { 'k8s-app': 'kube-dns' };
  const metadata = { name: DNS, labels };
  await Promise.all([
    client.ensure(`/api/v1${NAMESPACE}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata }),
    client.ensure('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `system:${DNS}` },
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    }),
    client.ensure('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: `system:${DNS}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `system:${DNS}` },
      subjects: [{ kind: 'ServiceAccount', namespace: 'kube-system', name: DNS }],
    }),
    client.ensure(`/api/v1${NAMESPACE}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { Corefile: COREFILE },
    }),
    client.ensure(`/api/v1${NAMESPACE}/services`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, name: 'kube-dns' },
      spec: {
        clusterIP: dnsAddress,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    }),
  ]);
  await client.ensure(`/apis/apps/v1${NAMESPACE}/deployments`, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: DNS,
          priorityClassName: 'system-cluster-critical',
          // Its own names are none of the cluster's.
          dnsPolicy: 'Default',
          containers: [
            {
              name: DNS,
              image: DNS_IMAGE,
              args: ['-conf', '/etc/coredns/Corefile'],
              resources: { requests: { cpu: '50m', memory: '50Mi' }, limits: { memory: '170Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
              },
              readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
              volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
            },
          ],
          volumes: [{ name: 'config', configMap: { name: DNS } }],
        },
      },
    },
  });
}
