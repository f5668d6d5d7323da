import { expect } from 'chai';
import { Secret } from '../../../src/model/secret.ts';
import * as age from '../../../src/tools/age.ts';
import { toolFailed, type ToolCall } from '../../../src/tools/call.ts';
import * as doctl from '../../../src/tools/doctl.ts';
import * as git from '../../../src/tools/git.ts';
import * as helm from '../../../src/tools/helm.ts';
import * as kubectl from '../../../src/tools/kubectl.ts';
import * as sops from '../../../src/tools/sops.ts';

const pin: kubectl.ClusterPin = { kubeconfig: '/w/kubeconfig', context: 'prod', cacheFolder: '/w/cache' };

describe('runs of kubectl and helm', () => {
  const pod = { namespace: 'infra', name: 'traefik-0' };
  const kubectlCalls: Readonly<Record<string, ToolCall>> = {
    get: kubectl.getObjects(pin, ['pods']),
    namespace: kubectl.getNamespace(pin, 'kube-system'),
    apply: kubectl.applyManifests(pin, '{}', 'ffops'),
    delete: kubectl.deleteObject(pin, { kind: 'secret', namespace: 'infra', name: 'x' }),
    logs: kubectl.podLogs(pin, pod, 3, true),
    workload: kubectl.workloadLogs(pin, pod, { lines: 5, follow: true }),
    anything: kubectl.pinned(pin, ['version']),
  };
  for (const [name, call] of Object.entries(kubectlCalls)) {
    it(`kubectl ${name} goes to the workspace's kubeconfig and context, and leaves the user's home alone`, () => {
      expect(call.args.slice(0, 4)).to.deep.equal(['--kubeconfig', '/w/kubeconfig', '--context', 'prod']);
      expect(call.env).to.deep.equal({ KUBECACHEDIR: '/w/cache' });
    });
  }

  const helmCalls: Readonly<Record<string, ToolCall>> = {
    list: helm.listReleases(pin),
    history: helm.history(pin, 'traefik', 'infra'),
    manifest: helm.deployedManifest(pin, 'traefik', 'infra'),
    upgrade: helm.rehearseUpgrade(pin, { name: 'traefik', namespace: 'infra', chart: './c.tgz' }, 'a: 1', '/w'),
    rollback: helm.rollback(pin, 'traefik', 'infra', 3),
    uninstall: helm.uninstall(pin, 'traefik', 'infra'),
  };
  for (const [name, call] of Object.entries(helmCalls)) {
    it(`helm ${name} does too`, () => {
      expect(call.args.slice(-4)).to.deep.equal(['--kubeconfig', '/w/kubeconfig', '--kube-context', 'prod']);
      expect(call.env).to.include({ KUBECACHEDIR: '/w/cache', HELM_CONFIG_HOME: '/w/cache/helm' });
    });
  }

  it('manifests go in by stdin, whole and as a secret', () => {
    const manifests = new Secret('{"kind":"List"}');
    const call = kubectl.applyManifests(pin, manifests, 'ffops');
    expect(call.stdin).to.equal(manifests);
    expect(call.args.slice(4)).to.deep.equal([
      'apply',
      '--server-side',
      '--force-conflicts',
      '--validate=false',
      '--field-manager',
      'ffops',
      '--output',
      'name',
      '--filename',
      '-',
    ]);
  });

  it('a context is read from the user without a pin, because it says where the pin goes', () => {
    expect(kubectl.viewContext('minikube').args).to.deep.equal(
      'config view --minify --flatten --raw --context minikube --output json'.split(' '),
    );
  });

  it('selects by namespace, label and field', () => {
    const selection = { namespace: 'infra', labels: 'a=b', fields: 'type=x', managedFields: true };
    expect(kubectl.getObjects(pin, ['secrets', 'pods'], selection).args.slice(4).join(' ')).to.equal(
      'get secrets,pods --namespace infra --selector a=b --field-selector type=x --show-managed-fields --output json --ignore-not-found --request-timeout 20s',
    );
  });

  it('an upgrade is only ever rehearsed', () => {
    expect(helmCalls['upgrade']?.args).to.include('--dry-run=server');
    expect(helmCalls['upgrade']?.stdin).to.equal('a: 1');
    expect(helmCalls['upgrade']?.cwd).to.equal('/w');
  });
});

describe('what kubectl and helm print', () => {
  it('a list, one object, or nothing', () => {
    const namespace = { kind: 'Namespace', metadata: { name: 'infra' } };
    const names = (text: string) => kubectl.parseObjects(text).map(({ metadata }) => metadata.name);
    expect(names(JSON.stringify({ kind: 'List', items: [namespace, namespace] }))).to.deep.equal(['infra', 'infra']);
    expect(names(JSON.stringify(namespace))).to.deep.equal(['infra']);
    expect(names('\n')).to.deep.equal([]);
    expect(() => kubectl.parseObjects('{"kind":"Status"}')).to.throw();
    expect(() => kubectl.parseObjects('No resources found')).to.throw();
  });

  it('releases, whose revision is text', () => {
    const listed = {
      name: 'a',
      namespace: 'b',
      revision: '12',
      updated: 'now',
      status: 'deployed',
      chart: 'a-1',
      app_version: '',
    };
    expect(helm.parseReleases(JSON.stringify([listed]))).to.deep.equal([{ ...listed, revision: 12 }]);
    expect(helm.parseReleases('[]')).to.deep.equal([]);
    expect(() => helm.parseReleases('[{"name":"a"}]')).to.throw();
  });

  it('a history, and the manifest of a rehearsed upgrade', () => {
    const revision = { revision: 2, status: 'superseded', updated: 'then', chart: 'a-1' };
    expect(helm.parseHistory(JSON.stringify([revision]))).to.deep.equal([revision]);
    expect(helm.parseRehearsed(JSON.stringify({ name: 'a', manifest: 'kind: X\n' }))).to.equal('kind: X\n');
  });
});

describe('runs of doctl', () => {
  const token = new Secret('dop_v1_canary');
  const access: doctl.DoctlAccess = {
    token,
    folder: '/w/doctl',
    variables: { DIGITALOCEAN_API_URL: 'http://127.0.0.1:1' },
  };

  it('hand the token over by environment and keep every file in the workspace', () => {
    const call = doctl.showKubeconfig(access, 'id', 3600);
    expect(call.args.join(' ')).to.equal(
      'kubernetes cluster kubeconfig show id --expiry-seconds 3600 --config /w/doctl/config.yaml --interactive=false',
    );
    expect(call.env).to.deep.equal({
      DIGITALOCEAN_API_URL: 'http://127.0.0.1:1',
      DIGITALOCEAN_ACCESS_TOKEN: token,
      HOME: '/w/doctl',
      XDG_CONFIG_HOME: '/w/doctl',
    });
  });

  it('understand clusters, no clusters, and errors', () => {
    const cluster = { id: '1', name: 'a', status: { state: 'running' } };
    expect(doctl.parseClusters(JSON.stringify([cluster]))).to.deep.equal([cluster]);
    expect(doctl.parseClusters('null')).to.deep.equal([]);
    expect(doctl.parseErrors('{"errors":[{"detail":"GET …: 401 Unable to authenticate you"}]}')).to.contain('401');
    expect(doctl.parseErrors('ID  Name')).to.equal(undefined);
  });
});

describe('runs of sops and age', () => {
  const access: sops.SopsAccess = { ageKeyFile: '/k', configFile: '/w/.sops.yaml' };
  const canary = new Secret('canary "quoted"\n');

  it('take values by stdin, never by argv', () => {
    const set = sops.setValue(access, '/w/s.yaml', 'a.b', canary);
    expect(set.args).to.deep.equal(['--config', '/w/.sops.yaml', 'set', '--value-stdin', '/w/s.yaml', '["a.b"]']);
    expect((set.stdin as Secret).reveal()).to.equal('"canary \\"quoted\\"\\n"');
    const encrypted = sops.encrypt(access, '/w/s.yaml', canary);
    expect(encrypted.args).to.deep.equal(['--config', '/w/.sops.yaml', 'encrypt', '--filename-override', '/w/s.yaml']);
    expect(encrypted.stdin).to.equal(canary);
  });

  it('try no other identity in the sandbox', () => {
    expect(sops.decrypt({ ...access, home: '/w/home' }, '/w/s.yaml').env).to.deep.equal({
      SOPS_AGE_KEY_FILE: '/k',
      SOPS_AGE_KEY: undefined,
      HOME: '/w/home',
      XDG_CONFIG_HOME: '/w/home',
    });
  });

  it('wrap every value before anyone can print it; what is no text is no value', () => {
    const document = sops.parseDocument('{"a":"one","b":2,"c":null}');
    expect(document.get('a')?.reveal()).to.equal('one');
    expect([...document.keys()]).to.deep.equal(['a', 'b', 'c']);
    expect(document.get('b')).to.equal(undefined);
  });

  it('know an identity and its recipient', () => {
    const text = '# created: now\n# public key: age1qqqsyq\nAGE-SECRET-KEY-1QQQ\n';
    const identity = age.parseIdentity(text);
    expect(identity.recipient).to.equal('age1qqqsyq');
    expect(identity.text.reveal()).to.equal(text);
    expect(() => age.parseIdentity('nothing')).to.throw('no identity');
    expect(age.parseRecipients('age1abc\n')).to.deep.equal(['age1abc']);
  });
});

describe('git', () => {
  it('says what is dirty and how far behind we are', () => {
    const text = [
      '# branch.oid 1f0',
      '# branch.ab +1 -3',
      '1 .M N... 100644 100644 100644 a b environments/prod.yaml',
      '2 R. N... 100644 100644 100644 a b R100 new name.yaml',
      'old name.yaml',
      'u UU N... 100644 100644 100644 100644 a b c both.yaml',
      '? notes.txt',
      '',
    ].join('\0');
    expect(git.parseStatus(text)).to.deep.equal({
      dirty: ['environments/prod.yaml', 'new name.yaml', 'both.yaml', 'notes.txt'],
      behind: 3,
    });
    expect(git.parseStatus('# branch.oid 1f0\0')).to.deep.equal({ dirty: [], behind: 0 });
  });

  it('only looks', () => {
    const call = git.status('/w');
    expect(call.args.slice(0, 2)).to.deep.equal(['--no-optional-locks', 'status']);
    expect(call.cwd).to.equal('/w');
  });
});

describe('a tool that failed', () => {
  const outcome = { exitCode: 1, timedOut: false, stderr: '' };
  it('speaks in its own last words', () => {
    const stderr = 'one\ntwo\n\nthree\nfour\nError: five\n';
    expect(toolFailed('x.y', 'it was refused', { ...outcome, stderr }).message).to.equal(
      'it was refused: two\nthree\nfour\nError: five',
    );
    expect(toolFailed('x.y', 'it was refused', { ...outcome, stderr: 'error: no' }).message).to.equal(
      'it was refused: no',
    );
  });
  it('says how it ended when it said nothing', () => {
    expect(toolFailed('x.y', 'it was refused', outcome).message).to.equal('it was refused: it exited with 1.');
    expect(toolFailed('x.y', 'it was refused', { ...outcome, timedOut: true }).message).to.contain(
      'did not end in time',
    );
  });
});
