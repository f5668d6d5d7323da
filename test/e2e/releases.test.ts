/**
 * Every release, rendered with its real chart, before a real API server: nothing in it is unknown, misspelt or of the
 * wrong type, and the pods of apps are admitted to the namespaces that they get. One cluster carries all of it.
 */
import { expect } from 'chai';
import type { Blueprint } from '../../src/model/blueprint.ts';
import { renderEnvironment } from '../../src/render/environment.ts';
import { shutSandbox } from '../../src/sandbox/launch.ts';
import { DNS_IMAGE, PAUSE_IMAGE } from '../../src/sandbox/real/kit.ts';
import { loadRecipes } from '../../src/sandbox/real/recipes.ts';
import { blueprintOf, exampleBlueprint, renderInputs } from '../support/example.ts';
import { chartPaths, manifestsOf, valuesOf, type KubernetesObject } from '../support/manifests.ts';
import { openSandboxWorkspace, realPorts, type SandboxWorkspace } from '../support/sandbox-workspace.ts';
import { tempFolder } from '../support/temp.ts';
import { toolchain } from '../support/tools.ts';

const CLUSTER = `platform: local
rootDomain: example.kube
cluster: { context: minikube }
apps: {}
`;
const EVERY_OPTION = `platform: doks
rootDomain: example.com
size: large
tls: { email: ops@example.com }
mail: { smtp: { host: smtp.example.com, port: 465, tls: tls, user: apps, from: apps@example.com } }
apps:
  wordpress: { media: s3, backups: { schedule: "0 * * * *" } }
  n8n: { workers: 2 }
  twenty: { files: s3 }
  analytics: { sites: [example.com, blog.example.com] }
  registry: { access: pull, files: s3, keepTags: 3 }
`;
const LAPTOP = `platform: local
rootDomain: example.kube
cluster: { context: minikube }
apps: { wordpress: {}, n8n: { workers: 1 }, twenty: {}, analytics: {}, registry: {} }
`;

const BACKED_UP = (server: string): string => `platform: local
rootDomain: example.kube
cluster: { context: docker-desktop }
backups: { enabled: true, server: ${server} }
metrics: { enabled: true }
apps: { hello: {}, analytics: { backups: { schedule: "0 * * * *" } } }
`;

interface Rendered {
  readonly namespace: string;
  readonly objects: readonly KubernetesObject[];
}

describe('releases, before a real API server', function () {
  this.timeout(240_000);
  const folder = tempFolder();
  const charts = tempFolder();
  let workspace: SandboxWorkspace;

  before(async () => {
    workspace = await openSandboxWorkspace(folder.path, CLUSTER, 'dev');
  });

  after(async () => {
    await shutSandbox({ ports: realPorts(), say: () => undefined }, folder.path, false);
    folder.remove();
    charts.remove();
  });

  async function rendered(blueprint: Blueprint): Promise<readonly Rendered[]> {
    const helm = (await (await toolchain()).resolveTool('helm')).path;
    const chartPath = await chartPaths(charts.path);
    const tree = renderEnvironment(blueprint, await renderInputs());
    const all: Rendered[] = [];
    for (const stack of blueprint.stacks) {
      for (const release of stack.releases) {
        const values = valuesOf(blueprint, tree, stack.name, release);
        const objects = await manifestsOf(helm, charts.path, await chartPath(release), release, values, [
          '--include-crds',
        ]);
        all.push({ namespace: release.namespace, objects });
      }
    }
    return all;
  }

  async function apply(objects: readonly object[], ...flags: readonly string[]) {
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const args = ['--kubeconfig', workspace.kubeconfig, 'apply', '--server-side', '--force-conflicts', ...flags];
    return workspace.run('kubectl', [...args, '-f', '-'], { stdin, allowed: [0, 1] });
  }

  function namespacesOf(blueprint: Blueprint): readonly object[] {
    return blueprint.namespaces.map(({ name, labels }) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      // What enforcing would do to pods is told of the workloads that make them.
      metadata: { name, labels: { ...labels, ...warning(labels) } },
    }));
  }

  it('pass a dry run there with strict validation, and warn of nothing', async () => {
    const blueprints: [string, Blueprint][] = [
      ['the example', await exampleBlueprint('prod')],
      ['every option', await blueprintOf(EVERY_OPTION)],
      ['backups on a laptop', await blueprintOf(BACKED_UP('versitygw'), 'dev')],
      ['backups with MinIO', await blueprintOf(BACKED_UP('minio'), 'dev')],
    ];
    const objects = new Map<string, readonly KubernetesObject[]>();
    for (const [name, blueprint] of blueprints) {
      objects.set(
        name,
        (await rendered(blueprint)).flatMap((release) => release.objects),
      );
    }
    const all = [...objects.values()].flat();
    const definitions = all.filter(({ kind }) => kind === 'CustomResourceDefinition');
    const once = [...new Map(definitions.map((one) => [one.metadata.name, one])).values()];
    expect(once.map(({ metadata }) => metadata.name)).to.include('servicemonitors.monitoring.coreos.com');
    expect((await apply(once)).stderr).to.equal('');
    const names = once.map(({ metadata }) => `crd/${metadata.name}`);
    await workspace.kubectl('wait', '--for=condition=Established', '--timeout=60s', ...names);
    for (const [, blueprint] of blueprints) expect((await apply(namespacesOf(blueprint))).exitCode).to.equal(0);

    // kubectl reads all schemas each time that it starts: one run for an environment, and it names what it refuses. What
    // another environment has to the letter was tried there, in the same namespaces.
    const tried = new Set<string>();
    for (const [name, items] of objects) {
      const own = items.filter((item) => {
        const letters = JSON.stringify(item);
        const isNew = item.kind !== 'CustomResourceDefinition' && !tried.has(letters);
        tried.add(letters);
        return isNew;
      });
      expect(own, name).not.to.be.empty;
      const { exitCode, stderr } = await apply(own, '--dry-run=server', '--validate=strict');
      expect({ exitCode, stderr }, name).to.deep.equal({ exitCode: 0, stderr: '' });
    }

    // An image that is made for real nodes must have the name that the charts ask for today.
    const asked = JSON.stringify(all);
    const nobodys = loadRecipes()
      .flatMap(({ image, also }) => [image, ...also])
      .filter((image) => !asked.includes(`${image.replace(/^docker\.io\/(library\/)?/, '')}"`));
    expect(nobodys).to.have.members([DNS_IMAGE, PAUSE_IMAGE, 'docker.io/library/busybox:1.37.0']);
  });

  it('refuse what is misspelt: the check is real', async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'misspelt', namespace: 'apps-n8n' },
      spec: {
        replicsa: 1,
        selector: { matchLabels: { app: 'x' } },
        template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'x', image: 'x' }] } },
      },
    };
    const { exitCode, stderr } = await apply([deployment], '--dry-run=server', '--validate=strict');
    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/replicsa/);
  });

  it('of apps have pods that are admitted, fit into their quota, and become ready', async () => {
    const blueprint = await blueprintOf(LAPTOP, 'dev');
    expect((await apply(namespacesOf(blueprint))).exitCode).to.equal(0);
    const apps = (await rendered(blueprint)).filter(({ namespace }) => namespace.startsWith('apps-'));
    // Controllers make pods at once: what limits them must be there before.
    const objects = apps.flatMap((one) => one.objects).sort((one, other) => rank(one) - rank(other));
    const { exitCode, stderr } = await apply(objects);
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    for (const { name } of blueprint.namespaces.filter((one) => one.name.startsWith('apps-'))) {
      await workspace.kubectl(
        'wait',
        '--for=condition=Available',
        '--timeout=120s',
        'deployments',
        '--all',
        '-n',
        name,
      );
    }
    const refused = await workspace.kubectl(
      'get',
      'events',
      '-A',
      '--field-selector=reason=FailedCreate',
      '-o',
      'name',
    );
    expect(refused).to.equal('');
  });
});

function rank({ kind }: KubernetesObject): number {
  return kind === 'Deployment' ? 1 : 0;
}

function warning(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const enforced = labels['pod-security.kubernetes.io/enforce'];
  return enforced === undefined ? {} : { 'pod-security.kubernetes.io/warn': enforced };
}
