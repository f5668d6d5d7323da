/** What the clusters get: the charts take our values, and their objects fit together. */
import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { renderEnvironment } from '../../../src/render/environment.ts';
import { forbiddenInValues } from '../../../src/render/images.ts';
import { projectRoot } from '../../support/cli.ts';
import { blueprintOf, exampleText, renderInputs } from '../../support/example.ts';
import { chartPaths, deep, manifestsOf, valuesOf, type KubernetesObject } from '../../support/manifests.ts';
import { tempFolder } from '../../support/temp.ts';
import { toolOrSkip } from '../../support/tools.ts';

const QUIET = `platform: doks
rootDomain: example.com
tls: { email: ops@example.com }
metrics: { enabled: false }
ingress: { waf: off, replicas: 1 }
apps: { hello: { greeting: "<b>\${a}</b>" } }
`;
const GUARDED_LOCAL = `platform: local
rootDomain: example.kube
ingress: { waf: block, bodyLimit: 100Mi }
metrics: { enabled: true }
apps: { hello: {} }
`;
const ZONE_ELSEWHERE = `platform: doks
rootDomain: example.com
tls: { email: ops@example.com, issuer: letsencrypt-staging }
dns: { provider: none }
metrics: { enabled: false }
apps: { hello: {} }
`;

const EVERY_OPTION = `platform: doks
rootDomain: example.com
size: large
tls: { email: ops@example.com }
mail: { smtp: { host: smtp.example.com, port: 465, tls: tls, user: "a\\"b", from: apps@example.com } }
apps:
  wordpress: { title: "It's \\"mine\\" $(id) \${x}", media: s3, adminEmail: me@example.com, backups: { schedule: "0 * * * *" } }
  n8n: { workers: 2, ownerEmail: me@example.com, timezone: UTC }
  twenty: { files: s3 }
  analytics: { sites: [example.com, blog.example.com], image: "mirror.example.com:5000/vince:v1.11.7@sha256:${'0a'.repeat(32)}" }
  registry: { access: pull, files: s3, keepTags: 3 }
`;
const APPS_ON_A_LAPTOP = `platform: local
rootDomain: example.kube
mail: { smtp: { host: mailpit.local, port: 1025, tls: none, from: apps@example.kube } }
apps: { wordpress: {}, n8n: { workers: 1 }, twenty: {}, analytics: {}, registry: { access: open } }
`;

const BACKED_UP = (server: string): string => `platform: local
rootDomain: example.kube
backups: { enabled: true, server: ${server} }
apps: { hello: {} }
`;

interface Case {
  readonly name: string;
  readonly blueprint: Blueprint;
  /** By release. */
  readonly objects: ReadonlyMap<string, readonly KubernetesObject[]>;
  readonly values: ReadonlyMap<string, string>;
}

describe('manifests', function () {
  this.timeout(120_000);
  let cases: readonly Case[];
  const folder = tempFolder();
  after(() => folder.remove());

  before(async function () {
    const helm = await toolOrSkip(this, 'helm');
    const inputs = await renderInputs();
    const chartPath = await chartPaths(folder.path);
    const environments: [string, Blueprint][] = [
      ['prod', await blueprintOf(await exampleText('prod'))],
      ['dev', await blueprintOf(await exampleText('dev'), 'dev')],
      ['quiet', await blueprintOf(QUIET)],
      ['guarded local', await blueprintOf(GUARDED_LOCAL, 'dev')],
      ['every option', await blueprintOf(EVERY_OPTION)],
      ['apps on a laptop', await blueprintOf(APPS_ON_A_LAPTOP, 'dev')],
      ['backups on a laptop', await blueprintOf(BACKED_UP('versitygw'), 'dev')],
      ['backups with MinIO', await blueprintOf(BACKED_UP('minio'), 'dev')],
      ['zone elsewhere', await blueprintOf(ZONE_ELSEWHERE)],
    ];
    const made: Case[] = [];
    for (const [name, blueprint] of environments) {
      const tree = renderEnvironment(blueprint, inputs);
      const objects = new Map<string, readonly KubernetesObject[]>();
      const given = new Map<string, string>();
      for (const stack of blueprint.stacks) {
        for (const release of stack.releases) {
          const values = valuesOf(blueprint, tree, stack.name, release);
          given.set(release.name, values ?? '');
          objects.set(release.name, await manifestsOf(helm, folder.path, await chartPath(release), release, values));
        }
      }
      made.push({ name, blueprint, objects, values: given });
    }
    cases = made;
  });

  const all = ({ objects }: Case) => [...objects.values()].flat();
  const nginxOf = ({ objects }: Case): string =>
    (objects.get('waf')?.find(({ kind }) => kind === 'ConfigMap')?.['data'] as Record<string, string>)['nginx.conf'] ??
    '';
  const ofKind = (one: Case, kind: string) => all(one).filter((object) => object.kind === kind);

  it('name images of a version each, and none of Bitnami', () => {
    for (const one of cases) {
      const images = all(one)
        .filter(({ kind }) => kind !== 'CustomResourceDefinition')
        .flatMap((object) => deep(object, 'image'))
        .map(String);
      expect(images.length, one.name).to.be.greaterThan(1);
      for (const image of images) {
        expect(image, one.name).not.to.match(/bitnami/i);
        expect(image, one.name).to.match(/^[a-z0-9.-]+(:\d+)?\/.+(:(?!latest)[^:/]+|@sha256:[0-9a-f]{64})$/);
      }
    }
  });

  it('run no image that the values of a chart of ours do not name: it is not rendered to look for Bitnami', async () => {
    const seen = new Set<string>();
    for (const { name, blueprint, objects, values } of cases) {
      for (const release of blueprint.stacks.flatMap(({ releases }) => releases)) {
        if (release.chart.kind !== 'first-party') continue;
        const defaults = await readFile(join(projectRoot, 'charts', release.chart.name, 'values.yaml'), 'utf8');
        expect(forbiddenInValues(defaults, release.chart.name)).to.deep.equal([]);
        const named = new Set([...textsIn(parse(defaults)), ...textsIn(parse(values.get(release.name) ?? ''))]);
        const run = deep(objects.get(release.name), 'image').map(String);
        for (const image of run) expect(named.has(image), `${name}: ${image} of ${release.name}`).to.equal(true);
        if (run.length > 0) seen.add(release.chart.name);
      }
    }
    const imageless = ['alerts', 'cluster-issuers'];
    const charts = (await readdir(join(projectRoot, 'charts'))).filter((chart) => !imageless.includes(chart));
    expect([...seen].sort(), 'every chart that runs something').to.deep.equal(charts.sort());
  });

  it('hold no Secret with anything in it', () => {
    for (const one of cases) {
      for (const secret of ofKind(one, 'Secret'))
        expect([secret['data'], secret['stringData']], secret.metadata.name).to.deep.equal([undefined, undefined]);
    }
  });

  it('read the Secrets that ffops writes, and say so', () => {
    for (const one of cases) {
      const written = one.blueprint.kubernetesSecrets.map(
        ({ namespace, name, data }) => [`${namespace}/${name}`, Object.keys(data)] as const,
      );
      const keys = new Map(written);
      for (const release of one.blueprint.stacks.flatMap(({ releases }) => releases)) {
        for (const name of release.reads) expect([...keys.keys()], release.name).to.include(name);
        const references = (one.objects.get(release.name) ?? [])
          .filter(({ kind }) => kind !== 'CustomResourceDefinition')
          .flatMap((object) => deep(object, 'secretKeyRef')) as { name: string; key: string }[];
        for (const { name, key } of references) {
          expect(release.reads, release.name).to.include(`${release.namespace}/${name}`);
          expect(keys.get(`${release.namespace}/${name}`), name).to.include(key);
        }
      }
    }
  });

  it('claim the volumes that the blueprint lists, and keep them when a release goes', () => {
    for (const one of cases) {
      const claims = ofKind(one, 'PersistentVolumeClaim');
      expect(
        claims.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
        one.name,
      ).to.deep.equal(one.blueprint.volumes.map(({ namespace, name }) => `${namespace}/${name}`));
      for (const { metadata } of claims) expect(metadata.annotations?.['helm.sh/resource-policy']).to.equal('keep');
    }
  });

  it('answer at the hosts that the blueprint lists, in a class that exists', () => {
    for (const one of cases) {
      const ingresses = ofKind(one, 'Ingress');
      const hosts = ingresses.flatMap((ingress) => deep(ingress['spec'], 'host'));
      expect(hosts.sort(), one.name).to.deep.equal(one.blueprint.hosts.map(({ name }) => name).sort());
      const classes = ofKind(one, 'IngressClass').map(({ metadata }) => metadata.name);
      for (const ingress of ingresses)
        expect(classes).to.include((ingress['spec'] as { ingressClassName: string }).ingressClassName);
      const issuers = ofKind(one, 'ClusterIssuer').map(({ metadata }) => metadata.name);
      for (const { metadata } of ingresses) {
        const issuer = metadata.annotations?.['cert-manager.io/cluster-issuer'];
        if (issuer === undefined) expect(issuers).to.deep.equal([]);
        else {
          expect(issuers).to.include(issuer);
          const template = metadata.annotations?.['cert-manager.io/secret-template'] ?? '';
          expect(JSON.parse(template), 'keys stay out of backups').to.deep.equal({
            labels: { 'velero.io/exclude-from-backup': 'true' },
          });
        }
      }
    }
  });

  it('measure nothing unless it is asked for', () => {
    for (const one of cases) {
      const monitors = [...ofKind(one, 'ServiceMonitor'), ...ofKind(one, 'PodMonitor')].length;
      const wanted = one.blueprint.stacks.some(({ releases }) =>
        releases.some(({ name }) => name === 'prometheus-crds'),
      );
      expect(monitors > 0, one.name).to.equal(wanted);
      for (const { name: stack, dependsOn, releases } of one.blueprint.stacks) {
        for (const release of releases) {
          const own = (one.objects.get(release.name) ?? []).some(
            ({ kind }) => kind === 'ServiceMonitor' || kind === 'PodMonitor',
          );
          if (own && stack === 'infra') expect(release.after, release.name).to.include('prometheus-crds');
          else if (own) expect(dependsOn, release.name).to.include('infra');
        }
      }
    }
  });

  it('let nothing reach an app but through the firewall, when there is one', () => {
    for (const one of cases.filter(({ objects }) => objects.has('waf'))) {
      const traefik = one.objects.get('traefik') ?? [];
      const waf = one.objects.get('waf') ?? [];
      const deployment = traefik.find(({ kind }) => kind === 'Deployment');
      const args = (deep(deployment, 'args')[0] as string[]).filter((arg) => arg.endsWith('.asDefault=true'));
      expect(args, 'apps live on the internal entry point alone').to.deep.equal([
        '--entryPoints.internal.asDefault=true',
      ]);

      const ports = deep(deployment, 'ports').flat() as { name: string; containerPort: number }[];
      const internal = ports.find(({ name }) => name === 'internal')?.containerPort;
      const proxied = nginxOf(one).match(/proxy_pass http:\/\/traefik[^;]+/g) ?? [];
      const service = traefik.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'traefik-internal');
      expect([...new Set(proxied)]).to.deep.equal([
        `proxy_pass http://traefik-internal.infra.svc.cluster.local:${internal}`,
      ]);
      expect(deep(deployment, 'args')[0], 'without pods behind it: an error, not another route').to.include(
        '--providers.kubernetescrd.allowEmptyServices=true',
      );
      expect((service?.['spec'] as { type?: string }).type ?? 'ClusterIP').to.equal('ClusterIP');
      const outside = traefik.filter(
        ({ kind, spec }) => kind === 'Service' && (spec as { type?: string }).type === 'LoadBalancer',
      );
      expect(deep(outside, 'port')).not.to.include(internal);

      const policies = waf.filter(({ kind }) => kind === 'NetworkPolicy');
      const open = (
        deep(policies, 'ingress').flat() as { from?: unknown; ports: { port: string | number }[] }[]
      ).filter(({ from }) => from === undefined);
      const names = ports.map(({ name }) => name);
      for (const { port } of open.flatMap((rule) => rule.ports))
        expect(names).to.include(port).and.not.equal('internal');
      const route = waf.find(({ kind }) => kind === 'IngressRoute');
      const entry = one.blueprint.platform === 'local' ? 'web' : 'websecure';
      expect((route?.['spec'] as { entryPoints: string[] }).entryPoints).to.deep.equal([entry]);
    }
  });

  it('leave every path to the apps, behind the firewall too, which writes nothing outside of its scratch space', () => {
    for (const one of cases.filter(({ objects }) => objects.has('waf'))) {
      const waf = one.objects.get('waf') ?? [];
      expect(deep(waf, 'httpGet'), 'no path is the firewall’s own').to.deep.equal([]);
      const limit = one.name === 'guarded local' ? 100 : 32;
      expect(nginxOf(one)).to.include(`client_max_body_size ${limit * 1024 * 1024};`);
      expect(deep(deep(waf, 'limits'), 'memory')).to.deep.equal([`${512 + 2 * limit}Mi`]);
      expect(deep(waf, 'readOnlyRootFilesystem')).to.deep.equal([true]);
      const mounts = deep(waf, 'volumeMounts').flat() as { mountPath: string }[];
      expect(mounts.map(({ mountPath }) => mountPath)).to.deep.equal(['/etc/waf', '/tmp']);
      const command = (deep(waf, 'command')[0] as string[]).join(' ');
      const files = waf.find(({ kind }) => kind === 'ConfigMap')?.['data'] as Record<string, string>;
      expect(Object.keys(files)).to.have.members(['modsecurity.conf', 'nginx.conf']);
      expect(command).to.include('/etc/waf/nginx.conf');
      expect(files['nginx.conf']).to.include('/etc/waf/modsecurity.conf');
    }
  });

  it('answer to the authority in the zone, where the load balancer speaks the PROXY protocol', () => {
    const prod = cases[0];
    if (prod === undefined) throw new Error('no cases');
    const [issuer] = ofKind(prod, 'ClusterIssuer');
    expect(deep(issuer, 'solvers')).to.deep.equal([
      [{ dns01: { digitalocean: { tokenSecretRef: { name: 'cert-manager-dns', key: 'token' } } } }],
    ]);
    expect(deep(issuer, 'server')).to.deep.equal(['https://acme-v02.api.letsencrypt.org/directory']);
    expect(deep(issuer, 'email')).to.deep.equal(['ops@fullfrontend.be']);
  });

  it('answer to the authority over plain HTTP, past the redirection', () => {
    const prod = cases.find(({ name }) => name === 'zone elsewhere');
    if (prod === undefined) throw new Error('no cases');
    const args = (deep(prod.objects.get('traefik'), 'args')[0] as string[]).join('\n');
    expect(args).to.include('--entryPoints.web.http.redirections.entryPoint.priority=1');
    const issuer = ofKind(prod, 'ClusterIssuer')[0];
    expect(deep(issuer, 'annotations')).to.deep.equal([{ 'traefik.ingress.kubernetes.io/router.entrypoints': 'web' }]);
    expect(deep(issuer, 'server')).to.deep.equal(['https://acme-staging-v02.api.letsencrypt.org/directory']);
  });

  it('back up what people would miss, every night, for as long as they said', () => {
    const prod = cases[0];
    if (prod === undefined) throw new Error('no cases');
    const [schedule] = ofKind(prod, 'Schedule');
    expect(schedule?.metadata.name).to.equal(prod.blueprint.schedules[0]?.name);
    expect(schedule?.['spec']).to.deep.equal({
      schedule: '0 3 * * *',
      template: {
        ttl: '720h0m0s',
        storageLocation: 'default',
        includedNamespaces: prod.blueprint.schedules[0]?.namespaces,
      },
    });
    const agents = ofKind(prod, 'DaemonSet').find(({ metadata }) => metadata.name === 'node-agent');
    expect(deep(agents, 'tolerations'), 'volumes of tainted nodes too').to.deep.equal([[{ operator: 'Exists' }]]);
    const [location] = ofKind(prod, 'BackupStorageLocation');
    expect(deep(location, 'config')).to.deep.equal([
      { region: 'ams3', s3Url: 'https://ams3.digitaloceanspaces.com', s3ForcePathStyle: 'true', checksumAlgorithm: '' },
    ]);
  });
});

/** Every text in a value, however deep. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
