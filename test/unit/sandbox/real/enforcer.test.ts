import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import type { KubeClient } from '../../../../src/sandbox/kubernetes/client.ts';
import type { KubeObject } from '../../../../src/sandbox/kubernetes/objects.ts';
import { PolicyEnforcer } from '../../../../src/sandbox/real/policies/enforcer.ts';
import { waitFor } from '../../../../src/sandbox/processes/wait.ts';
import { passes } from '../../../support/packets.ts';

const PODS = '/api/v1/pods';
const NAMESPACES = '/api/v1/namespaces';
const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
const [WEB, JOB] = ['198.18.0.2', '198.18.0.3'] as const;

const pod = (name: string, uid: string, labels = {}): KubeObject & { spec: object } => ({
  metadata: { namespace: 'shop', name, uid, labels },
  spec: {
    containers: [{ ports: [{ containerPort: 1 }, { name: 'http', containerPort: 8080 }] }],
    initContainers: [{ restartPolicy: 'Always', ports: [{ name: 'metrics', containerPort: 9000 }] }],
  },
});
const onlyJobs = {
  metadata: { namespace: 'shop', name: 'only-jobs', uid: 'policy' },
  spec: {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [
      { from: [{ podSelector: { matchLabels: { app: 'job' } } }], ports: [{ port: 'http' }, { port: 'metrics' }] },
    ],
  },
};

/** An API server with these objects at first, and what is told afterwards. */
class Api {
  readonly #first: Readonly<Record<string, readonly KubeObject[]>>;
  readonly #streams = new Map<string, PassThrough>();

  constructor(first: Readonly<Record<string, readonly KubeObject[]>>) {
    this.#first = first;
  }

  client(): KubeClient {
    const fake = {
      get: async (path: string) => ({
        metadata: { resourceVersion: '1' },
        items: (this.#first[path] ?? []).map((object) => versioned(object, '1')),
      }),
      stream: async (path: string) => {
        const stream = new PassThrough();
        this.#streams.set(path.replace(/\?.*/, ''), stream);
        return stream;
      },
    };
    return fake as unknown as KubeClient;
  }

  async tell(path: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject, version: string): Promise<void> {
    const stream = await waitFor(`nobody watches ${path}`, 5_000, async () => this.#streams.get(path));
    stream.write(`${JSON.stringify({ type, object: versioned(object, version) })}\n`);
  }
}

function versioned(object: KubeObject, resourceVersion: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function enforcing(api: Api) {
  const applied: string[] = [];
  const reported: string[] = [];
  let failures = 0;
  const enforcer = new PolicyEnforcer({
    client: api.client(),
    network: { apiAddress: '192.0.2.1', podRange: '198.18.0.0/16', loadBalancerRange: '203.0.113.0/24' },
    apply: async (ruleset) => {
      if (failures-- > 0) throw new Error('the kernel refuses');
      applied.push(ruleset);
    },
    report: (message) => reported.push(message),
  });
  enforcer.start();
  const add = (name: string, uid: string, address: string): Promise<void> =>
    enforcer.add({ id: `${name}-${uid}`, key: `shop/${name}`, uid, address });
  const isOpen = (port = 8080): boolean =>
    passes(applied.at(-1) ?? '', 'forward', { from: JOB, to: WEB, protocol: 'tcp', port });
  const becomes = (open: boolean): Promise<unknown> =>
    waitFor(`the way is not ${open ? 'open' : 'shut'}`, 5_000, async () => (isOpen() === open ? true : undefined));
  return { enforcer, applied, reported, add, isOpen, becomes, fail: (times: number) => (failures = times) };
}

describe('the enforcement of network policies', () => {
  const start = () => ({
    [PODS]: [pod('web', '1', { app: 'web' }), pod('job', '2', { app: 'job' })],
    [NAMESPACES]: [{ metadata: { name: 'shop', uid: 'shop' } }],
    [POLICIES]: [onlyJobs],
  });

  it('has the rules for a pod when it begins, named ports and those of sidecars included', async () => {
    const { add, isOpen } = enforcing(new Api(start()));
    await add('web', '1', WEB);
    expect(isOpen(), 'who is not announced is nobody').to.equal(false);
    await add('job', '2', JOB);
    expect([8080, 9000, 1].map(isOpen)).to.deep.equal([true, true, false]);
  });

  it('waits for a pod that the API has not told of yet, and is not fooled by an earlier one of its name', async () => {
    const api = new Api({ ...start(), [PODS]: [pod('web', 'earlier', { app: 'other' })] });
    const { add, applied, isOpen } = enforcing(api);
    let begun = false;
    const added = add('web', '1', WEB).then(() => (begun = true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect({ begun, said: applied.some((ruleset) => ruleset.includes(WEB)) }).to.deep.equal({
      begun: false,
      said: false,
    });
    await api.tell(PODS, 'ADDED', pod('web', '1', { app: 'web' }), '2');
    await added;
    expect(isOpen()).to.equal(false);
  });

  it('follows labels and policies, and tells the kernel nothing twice', async () => {
    const api = new Api(start());
    const { add, applied, becomes } = enforcing(api);
    await add('web', '1', WEB);
    await add('job', '2', JOB);
    const before = applied.length;
    await api.tell(PODS, 'MODIFIED', { ...pod('job', '2', { app: 'job' }), status: {} } as KubeObject, '3');
    await api.tell(PODS, 'MODIFIED', pod('job', '2', { app: 'none' }), '4');
    await becomes(false);
    await api.tell(POLICIES, 'DELETED', onlyJobs, '5');
    await becomes(true);
    expect(applied.length).to.equal(before + 2);
  });

  it('holds for a pod whose object was taken away by force, until the pod itself is gone', async () => {
    const api = new Api(start());
    const { enforcer, add, applied, becomes } = enforcing(api);
    await add('web', '1', WEB);
    await add('job', '2', JOB);
    await api.tell(PODS, 'DELETED', pod('web', '1', { app: 'web' }), '3');
    // Of everything that was told, what is told last has been heard when this is in force.
    await api.tell(PODS, 'MODIFIED', pod('job', '2', { app: 'none' }), '4');
    await becomes(false);
    enforcer.remove('web-1');
    await waitFor('it is not forgotten', 5_000, async () =>
      applied.at(-1)?.includes(WEB) === false ? true : undefined,
    );
  });

  it('keeps a pod from beginning while the kernel refuses the rules, and tries again by itself', async () => {
    const api = new Api(start());
    const { add, becomes, reported, fail } = enforcing(api);
    await add('job', '2', JOB);
    fail(1);
    const refused = await add('web', '1', WEB).catch((error: unknown) => error as Error);
    expect(refused).to.be.instanceOf(Error).with.property('message', 'the kernel refuses');
    await add('web', '1', WEB);
    await becomes(true);
    fail(1);
    await api.tell(PODS, 'MODIFIED', pod('job', '2', { app: 'none' }), '4');
    await becomes(false);
    expect(reported).to.deep.equal(['network policies: the kernel refuses']);
  });
});
