/** What every app of the catalogue is fenced in by, read from what Helm makes of it. */
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registry } from '../../../src/blueprint/registry.ts';
import { entries } from '../../../src/catalogue/index.ts';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { loadEnvironment } from '../../../src/model/load.ts';
import { renderEnvironment } from '../../../src/render/environment.ts';
import { blueprintOf, renderInputs } from '../../support/example.ts';
import { chartPaths, deep, manifestsOf, valuesOf, type KubernetesObject } from '../../support/manifests.ts';
import { tempFolder } from '../../support/temp.ts';
import { runTool, toolOrSkip } from '../../support/tools.ts';

const CLOUD = `platform: doks
rootDomain: example.com
size: large
tls: { email: ops@example.com }
ingress: { waf: off }
mail: { smtp: { host: smtp.example.com, user: apps, from: apps@example.com } }
apps:
  wordpress: { backups: { schedule: "0 * * * *", retentionDays: 3 } }
  n8n: { workers: 2 }
  twenty: { files: s3 }
  analytics: {}
  registry: { keepTags: 3 }
`;
const LAPTOP = `platform: local
rootDomain: example.kube
cluster: { context: minikube }
apps: { wordpress: {}, n8n: {}, twenty: {}, analytics: {}, registry: { access: open } }
`;
const APPS = ['wordpress', 'n8n', 'twenty', 'analytics', 'registry'] as const;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly securityContext: Record<string, unknown>;
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly readinessProbe?: object;
}

interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Record<string, unknown>[];
  readonly securityContext: Record<string, unknown>;
  readonly automountServiceAccountToken: boolean;
}

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: { readonly type: string };
    readonly template: {
      readonly metadata: {
        readonly labels: Record<string, string>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec: PodSpec;
    };
  };
}

interface Case {
  readonly blueprint: Blueprint;
  /** By app: its web app, and its Valkey. */
  readonly objects: ReadonlyMap<string, readonly KubernetesObject[]>;
}

describe('apps', function () {
  this.timeout(120_000);
  const cases: Case[] = [];
  const folder = tempFolder();
  after(() => folder.remove());

  before(async function () {
    const helm = await toolOrSkip(this, 'helm');
    const inputs = await renderInputs();
    const chartPath = await chartPaths(folder.path);
    for (const [text, name] of [
      [CLOUD, 'prod'],
      [LAPTOP, 'dev'],
    ] as const) {
      const blueprint = await blueprintOf(text, name);
      const tree = renderEnvironment(blueprint, inputs);
      const objects = new Map<string, readonly KubernetesObject[]>();
      for (const stack of blueprint.stacks) {
        for (const release of stack.releases.filter(({ entry }) => APPS.some((app) => app === entry))) {
          const values = valuesOf(blueprint, tree, stack.name, release);
          const made = await manifestsOf(helm, folder.path, await chartPath(release), release, values);
          objects.set(release.entry, [...(objects.get(release.entry) ?? []), ...made]);
        }
      }
      cases.push({ blueprint, objects });
    }
  });

  const each = (visit: (app: string, objects: readonly KubernetesObject[], one: Case) => void): void => {
    expect(cases).to.have.length(2);
    for (const one of cases) for (const app of APPS) visit(app, one.objects.get(app) ?? [], one);
  };
  const deployments = (objects: readonly KubernetesObject[]) =>
    objects.filter(({ kind }) => kind === 'Deployment') as Deployment[];
  const containersOf = ({ initContainers = [], containers }: PodSpec) => [...initContainers, ...containers];

  it('have charts that helm lint passes with the values they get, and whose schema refuses what is misspelt', async function () {
    const helm = await toolOrSkip(this, 'helm');
    const [one] = cases;
    if (one === undefined) throw new Error('no cases');
    const tree = renderEnvironment(one.blueprint, await renderInputs());
    for (const release of ['n8n', 'n8n-valkey']) {
      const stack = one.blueprint.stacks.find(({ name }) => name === 'app-n8n');
      const found = stack?.releases.find(({ name }) => name === release);
      if (stack === undefined || found === undefined) throw new Error(release);
      const chart = fileURLToPath(new URL(`../../../charts/${found.chart.name}`, import.meta.url));
      const values = valuesOf(one.blueprint, tree, stack.name, found) ?? '';
      const run = async (command: readonly string[], text: string): Promise<string> => {
        writeFileSync(join(folder.path, 'some.yaml'), text);
        return runTool(helm, [...command, chart, '--values', 'some.yaml'], { cwd: folder.path });
      };
      expect(await run(['lint', '--strict'], values)).to.include('0 chart(s) failed');
      const refused = await run(['template', 'x'], values.replace(/^volumes?:$/m, 'volums:')).then(
        () => undefined,
        (error: Error) => error.message,
      );
      expect(refused, release).to.include('volums');
    }
  });

  it('live in namespaces that admit only restricted pods, and theirs are', () => {
    each((app, objects, { blueprint }) => {
      const namespace = blueprint.namespaces.find(({ name }) => name === `apps-${app}`);
      expect(namespace?.labels['pod-security.kubernetes.io/enforce'], app).to.equal('restricted');
      for (const { metadata, spec } of deployments(objects)) {
        const pod = spec.template.spec;
        expect(pod.automountServiceAccountToken, metadata.name).to.equal(false);
        expect(pod.securityContext, metadata.name).to.include({ runAsNonRoot: true });
        expect(pod.securityContext['runAsUser'], metadata.name).to.be.greaterThan(0);
        expect(deep(pod.securityContext, 'type')).to.deep.equal(['RuntimeDefault']);
        for (const container of containersOf(pod)) {
          expect(container.securityContext['allowPrivilegeEscalation'], container.name).to.equal(false);
          expect(container.securityContext['capabilities']).to.deep.equal({ drop: ['ALL'] });
        }
        for (const { name: _, ...source } of pod.volumes ?? []) {
          const kinds = Object.keys(source);
          expect(['persistentVolumeClaim', 'configMap', 'secret', 'emptyDir']).to.include.members(kinds);
        }
      }
    });
  });

  it('change no file of their images, but for the one that writes into its own pages', () => {
    each((app, objects) => {
      const writable = deployments(objects)
        .flatMap(({ spec }) => containersOf(spec.template.spec))
        .filter(({ securityContext }) => securityContext['readOnlyRootFilesystem'] !== true)
        .map(({ name }) => name);
      if (app === 'twenty') expect(writable).to.include('server').and.not.include('administrator');
      else expect(writable, app).to.deep.equal([]);
    });
  });

  it('keep out of backups what is empty whenever a pod starts', () => {
    const EXCLUDES = 'backup.velero.io/backup-volumes-excludes';
    each((app, objects) => {
      for (const { metadata, spec } of deployments(objects)) {
        const volumes = spec.template.spec.volumes ?? [];
        const empty = volumes.filter((volume) => 'emptyDir' in volume).map(({ name }) => String(name));
        const leftOut = spec.template.metadata.annotations?.[EXCLUDES]?.split(',') ?? [];
        expect(leftOut.sort(), `${app}: ${metadata.name}`).to.deep.equal(empty.sort());
      }
    });
  });

  it('let nothing in or out but what is said: their hosts, their measurements, their databases', () => {
    each((app, objects, { blueprint }) => {
      const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy') as (KubernetesObject & {
        spec: { podSelector: object; policyTypes: string[]; ingress?: object[]; egress?: object[] };
      })[];
      const [closed] = policies.filter(({ spec }) => Object.keys(spec.podSelector).length === 0);
      expect(closed?.spec, app).to.deep.equal({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });

      const from = policies.filter(({ metadata }) => metadata.name.endsWith('-server'));
      const controller = blueprint.platform === 'local' ? 'ingress-nginx' : 'infra';
      expect(deep(deep(from, 'from'), 'kubernetes.io/metadata.name'), app).to.deep.equal([controller]);
      const everywhere = policies.flatMap(({ spec }) => (spec.ingress ?? []).filter((rule) => !('from' in rule)));
      expect(everywhere, `${app} is open to nobody in particular`).to.deep.equal([]);

      const out = policies.find(({ metadata }) => metadata.name === `${app}-out`);
      const engine = { wordpress: 3306, n8n: 5432, twenty: 5432 }[app];
      const ports = deep(out, 'port');
      if (engine !== undefined) expect(ports, app).to.include(engine);
      else expect(ports, app).not.to.include.members([3306]).and.not.to.include(5432);
      for (const block of deep(out, 'ipBlock') as { cidr: string; except: string[] }[])
        expect(block.except, 'never the cluster, never what a cloud tells its machines').not.to.deep.equal([]);
      if (app === 'analytics') expect(ports).to.deep.equal([53, 53]);
      const label = { wordpress: 'mariadb', n8n: 'postgres', twenty: 'postgres' }[app];
      const labels = blueprint.namespaces.find(({ name }) => name === `apps-${app}`)?.labels ?? {};
      if (label !== undefined) expect(labels[`ffops.dev/${label}`], app).to.equal('client');
      else expect(Object.keys(labels)).to.deep.equal(['pod-security.kubernetes.io/enforce']);
    });
  });

  it('say what each container asks for, and fit into the quota while two versions are up', () => {
    each((app, objects) => {
      const [quota] = objects.filter(({ kind }) => kind === 'ResourceQuota');
      const hard = (quota?.['spec'] as { hard: Record<string, string> }).hard;
      const sums = { 'requests.cpu': 0, 'requests.memory': 0, 'limits.memory': 0 };
      for (const { spec } of deployments(objects)) {
        for (const { name, resources } of containersOf(spec.template.spec)) {
          expect(resources.requests, `${app}/${name}`).to.have.all.keys('cpu', 'memory');
          expect(resources.limits, `${app}/${name}`).to.have.all.keys('memory');
        }
        const pods = spec.replicas * (spec.strategy.type === 'Recreate' ? 1 : 2);
        for (const { resources } of spec.template.spec.containers) {
          sums['requests.cpu'] += pods * Number.parseInt(resources.requests['cpu'] ?? '', 10);
          sums['requests.memory'] += pods * Number.parseInt(resources.requests['memory'] ?? '', 10);
          sums['limits.memory'] += pods * Number.parseInt(resources.limits['memory'] ?? '', 10);
        }
      }
      for (const [key, sum] of Object.entries(sums))
        expect(Number.parseInt(hard[key] ?? '', 10), `${app} ${key}`).to.be.at.least(sum);
      expect(hard['services.loadbalancers']).to.equal('0');
      expect(objects.some(({ kind }) => kind === 'LimitRange')).to.equal(true);
    });
  });

  it('ask for what the catalogue says that they cost', async () => {
    for (const [index, text] of [CLOUD, LAPTOP].entries()) {
      const loaded = await loadEnvironment({ file: 'x.yaml', text, name: 'x', workspace: 'w', registry });
      for (const app of APPS) {
        const entry = entries.get(app);
        if (entry?.kind !== 'app') throw new Error(app);
        const objects = cases[index]?.objects.get(app) ?? [];
        const memory = deployments(objects)
          .flatMap(({ spec }) =>
            spec.template.spec.containers.map(
              ({ resources }) => spec.replicas * Number.parseInt(resources.requests['memory'] ?? '', 10),
            ),
          )
          .reduce((sum, one) => sum + one, 0);
        const disk = (
          deep(
            objects.filter(({ kind }) => kind === 'PersistentVolumeClaim'),
            'storage',
          ) as string[]
        )
          .map((size) => Number.parseInt(size, 10))
          .reduce((sum, one) => sum + one, 0);
        expect(entry.costs(loaded.environment), app).to.deep.equal({ memoryMi: memory, diskGi: disk });
      }
    }
  });

  it('give a volume to one pod at a time, and keep a pod of those that have several', () => {
    each((app, objects) => {
      for (const { metadata, spec } of deployments(objects)) {
        const claims = deep(spec.template.spec.volumes, 'claimName');
        if (claims.length > 0)
          expect([spec.strategy.type, spec.replicas], metadata.name).to.deep.equal(['Recreate', 1]);
        const budgets = objects.filter(
          ({ kind, metadata: of }) => kind === 'PodDisruptionBudget' && of.name === metadata.name,
        );
        expect(budgets.length, `${app} ${metadata.name}`).to.equal(spec.replicas > 1 ? 1 : 0);
      }
      const claimed = deployments(objects).flatMap(({ spec }) => deep(spec.template.spec.volumes, 'claimName'));
      expect(new Set(claimed).size, 'no volume is mounted by two pods').to.equal(claimed.length);
    });
  });

  it('are probed when they serve, and closed where only Prometheus has to do', () => {
    each((app, objects) => {
      for (const { spec } of deployments(objects)) {
        for (const container of spec.template.spec.containers) {
          if (!deep(container, 'ports').flat().length) continue;
          expect(container, `${app}/${container.name}`).to.include.keys(
            'startupProbe',
            'readinessProbe',
            'livenessProbe',
          );
        }
      }
      const measured = objects.filter(({ kind }) => kind === 'ServiceMonitor').flatMap((one) => deep(one, 'path'));
      const [ingress] = objects.filter(({ kind }) => kind === 'Ingress');
      const paths = deep(ingress, 'paths').flat() as { path: string; backend: { service: { name: string } } }[];
      for (const path of measured) {
        const rule = paths.find((one) => one.path === path);
        expect(rule?.backend.service.name, `${app}${String(path)}`).to.equal(`${app}-closed`);
      }
      for (const { backend } of paths) {
        const service = objects.find(
          ({ kind, metadata }) => kind === 'Service' && metadata.name === backend.service.name,
        );
        const selects = (service?.['spec'] as { selector?: Record<string, string> } | undefined)?.selector;
        expect(selects === undefined, backend.service.name).to.equal(backend.service.name.endsWith('-closed'));
        if (selects === undefined) continue;
        const pods = deployments(objects).filter(({ spec }) =>
          Object.entries(selects).every(([label, value]) => spec.template.metadata.labels[label] === value),
        );
        expect(pods, backend.service.name).to.have.length(1);
      }
    });
  });

  it('name each variable once, whatever a step says anew', () => {
    each((app, objects) => {
      for (const { spec } of deployments(objects)) {
        for (const { name, env = [] } of containersOf(spec.template.spec)) {
          const names = env.map((variable) => variable.name);
          expect(new Set(names).size, `${app}/${name}`).to.equal(names.length);
        }
      }
    });
    const migration = cases
      .flatMap(({ objects }) => deployments(objects.get('twenty') ?? []))
      .flatMap(({ spec }) => spec.template.spec.initContainers ?? []);
    expect(
      migration.map(({ env = [] }) => env.find(({ name }) => name === 'DISABLE_DB_MIGRATIONS')?.value),
    ).to.deep.equal(['false', 'false']);
  });

  it('have their administrator before anybody reaches them', () => {
    each((app, objects, { blueprint }) => {
      const [server] = deployments(objects).filter(({ metadata }) => metadata.name === `${app}-server`);
      const pod = server?.spec.template.spec;
      const host = blueprint.hosts.find(({ owner, login }) => owner === app && login !== undefined);
      if (app === 'registry' && blueprint.platform === 'local') expect(host).to.equal(undefined);
      else
        expect(
          blueprint.secrets.map(({ name }) => name),
          app,
        ).to.include(host?.login?.secret);
      const env = pod?.containers[0]?.env ?? [];
      const names = env.map(({ name }) => name);
      if (app === 'wordpress')
        expect(pod?.initContainers?.map(({ name }) => name)).to.deep.equal(['core', 'administrator']);
      if (app === 'n8n') expect(names).to.include.members(['N8N_INSTANCE_OWNER_MANAGED_BY_ENV', 'OWNER_LOGIN']);
      if (app === 'analytics') expect(names).to.include.members(['VINCE_ADMIN_NAME', 'VINCE_ADMIN_PASSWORD']);
      if (app === 'twenty') {
        const gate = pod?.containers.find(({ name }) => name === 'administrator');
        expect(gate?.readinessProbe, 'the pod is not ready before').to.not.equal(undefined);
      }
      if (app === 'registry' && host !== undefined) {
        const configuration = JSON.parse(String(deep(objects, 'config.json')[0])) as { http: object };
        expect(configuration.http).to.include.keys('auth', 'accessControl');
      }
    });
  });

  it('say what they keep when they go', () => {
    each((app, objects, { blueprint }) => {
      const releases = blueprint.stacks.flatMap(({ releases }) => releases).filter(({ entry }) => entry === app);
      for (const { name, holdsData } of releases) expect(holdsData?.what, name).to.be.a('string').and.not.equal('');
      for (const claim of objects.filter(({ kind }) => kind === 'PersistentVolumeClaim'))
        expect(claim.metadata.annotations).to.include({ 'helm.sh/resource-policy': 'keep' });
    });
  });
});
