/** A cluster that is there already: minikube, docker-desktop, or any context of your kubeconfig. */
import type { Environment, WrittenEnvironment } from '../../model/environment.ts';
import type { Foundation, Platform } from '../../model/plugs.ts';
import type { DeepPartial, EnvironmentContext, Finding } from '../../model/registry.ts';
import { starter } from './starter.ts';

const CONTEXT = 'docker-desktop';
const MINIKUBE = 'minikube';
const MAIL_RECORDS = 'Records belong to a domain that the internet sees: move them to the production environment.';

export const local: Platform = {
  id: 'local',
  title: 'A local cluster (docker-desktop, minikube, any kubeconfig context)',
  unsupported: {
    'cluster.region': 'Leave it out: a local cluster has no region.',
    'cluster.version': 'Leave it out: the version is chosen where the cluster is made.',
    'cluster.vpcRange': 'Leave it out: a local cluster has no private network of its own.',
    'cluster.highAvailability': 'Leave it out: a local cluster has one machine.',
    'cluster.autoUpgrade': 'Leave it out: a local cluster is upgraded where it is made.',
    'cluster.maintenance': 'Leave it out: a local cluster has no maintenance window.',
    'cluster.systemPool': 'Leave it out: nodes are chosen where the cluster is made.',
    'cluster.nodePools': 'Leave it out: nodes are chosen where the cluster is made.',
    'objectStorage.region': 'Leave it out: a local cluster has no object storage.',
    'mail.mx': MAIL_RECORDS,
    'mail.spf': MAIL_RECORDS,
    'mail.dkim': MAIL_RECORDS,
    'mail.dmarc': MAIL_RECORDS,
  },
  starter,
  defaults,
  check,
  offer: ({ cluster }) => ({
    ingress: { serviceAnnotations: {}, proxyProtocol: false },
    dataFolder: `data/${cluster.name}`,
  }),
  foundation: ({ environment }): Foundation => ({
    state: { kind: 'local' },
    cluster: { kind: 'context', context: environment.cluster.context ?? CONTEXT },
    stacks: [],
    secrets: [],
    buckets: [],
  }),
};

function defaults(written: WrittenEnvironment, context: EnvironmentContext): DeepPartial<Environment> {
  const cluster = written.cluster?.context ?? CONTEXT;
  return {
    cluster: {
      name: `${context.workspace}-${context.environment}`,
      context: cluster,
      autoUpgrade: false,
      highAvailability: false,
      nodePools: [],
    },
    size: 'small',
    state: { backend: 'local' },
    // minikube has an nginx addon; where there is none, ffops installs Traefik.
    ingress: { controller: cluster === MINIKUBE ? 'nginx' : 'traefik', waf: 'off', replicas: 1 },
    tls: { issuer: 'none' },
    dns: { provider: 'none', ttl: 300 },
    databases: {
      postgres: { version: '17', memory: '512Mi', storage: '5Gi' },
      mariadb: { version: '11.8', memory: '512Mi', storage: '5Gi' },
    },
    objectStorage: { buckets: [] },
    backups: { enabled: false, schedule: '03:00', retentionDays: 7, server: 'versitygw' },
    metrics: { enabled: false, retentionDays: 7, storage: '5Gi' },
    apps: {},
  };
}

function check(environment: Environment): readonly Finding[] {
  const findings: Finding[] = [];
  const refuse = (path: string, message: string, hint: string): void => {
    findings.push({ path, message, hints: [hint] });
  };
  if (environment.state.backend !== 'local') {
    refuse(
      'state.backend',
      'A local environment keeps its state in `.ffops/`.',
      'Write `local`, or leave the option out.',
    );
  }
  if (environment.tls.issuer !== 'none') {
    refuse('tls.issuer', "Let's Encrypt cannot reach a local cluster.", 'Write `none`, or leave the option out.');
  }
  if (environment.dns.provider !== 'none') {
    const hint = 'Write `none`; `ffops env hosts` prints the lines.';
    refuse('dns.provider', 'The names of a local cluster are lines of /etc/hosts.', hint);
  }
  if (environment.objectStorage.buckets.length > 0) {
    refuse('objectStorage.buckets', 'A local cluster has no object storage.', 'Leave the option out.');
  }
  if (environment.ingress.waf !== 'off' && environment.ingress.controller !== 'traefik') {
    const hint = 'Write `off`, or choose `traefik` as the controller.';
    refuse('ingress.waf', 'The firewall sits behind Traefik, and this environment uses nginx.', hint);
  }
  return findings;
}
