import { expect } from 'chai';
import { backupsState, certificateState, nodesState } from '../../../src/cluster/conditions.ts';
import { findTroubles, type Symptoms } from '../../../src/cluster/diagnosis.ts';
import { workloadState, workloadVersion } from '../../../src/cluster/readiness.ts';
import { diagnoseRelease, waitUntilReady } from '../../../src/cluster/releases.ts';
import { parseObjects, type KubeObject } from '../../../src/tools/kubectl.ts';
import { aBlueprint, aRelease } from '../../support/blueprint.ts';
import { aScene, pin } from './harness.ts';

function objects(...raw: readonly object[]): readonly KubeObject[] {
  return parseObjects(JSON.stringify({ kind: 'List', items: raw }));
}

function object(raw: object): KubeObject {
  return objects(raw)[0]!;
}

const helm = { annotations: { 'meta.helm.sh/release-name': 'shop' }, namespace: 'shop' };
const deployment = (status: object, spec: object = { replicas: 2 }) => ({
  kind: 'Deployment',
  metadata: { ...helm, name: 'shop', uid: 'd', generation: 3 },
  spec,
  status,
});
const settled = { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

describe('a workload', () => {
  const states: readonly (readonly [string, object, boolean])[] = [
    ['that runs its newest version everywhere', deployment(settled), true],
    ['whose newest version nobody has looked at', deployment({ ...settled, observedGeneration: 2 }), false],
    ['that still runs an old pod', deployment({ ...settled, replicas: 3 }), false],
    ['that is half updated', deployment({ ...settled, updatedReplicas: 1 }), false],
    ['with a pod that is not ready', deployment({ ...settled, availableReplicas: 1 }), false],
    ['of no pods', deployment({ observedGeneration: 3 }, { replicas: 0 }), true],
    ['without a status', deployment({}), false],
    [
      'that is one pod by default',
      { ...deployment({ observedGeneration: 3, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, {}) },
      true,
    ],
  ];
  for (const [title, raw, ready] of states) {
    it(`${title} is ${ready ? '' : 'not '}ready`, () => expect(workloadState(object(raw)).settled).to.equal(ready));
  }

  const versions: readonly (readonly [string, string | undefined])[] = [
    ['docker.io/valkey/valkey:9.0.1', '9.0.1'],
    ['127.0.0.1:5000/n8n:2.1@sha256:0123', '2.1'],
    ['127.0.0.1:5000/n8n', undefined],
    ['ghcr.io/app@sha256:0123', undefined],
  ];
  for (const [image, version] of versions) {
    it(`of the image ${image} ${version === undefined ? 'does not say its version' : `is of version ${version}`}`, () => {
      const template = { spec: { containers: [{ image }, { image: 'beside:1' }] } };
      expect(workloadVersion(object(deployment({}, { template })))).to.equal(version);
    });
  }

  it('of another kind counts in its own words', () => {
    const set = {
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: { replicas: 1 },
      status: { readyReplicas: 1, updatedReplicas: 1 },
    };
    const daemon = {
      kind: 'DaemonSet',
      metadata: { name: 'agent' },
      status: { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 },
    };
    expect(workloadState(object(set))).to.include({ workload: 'statefulset/db', ready: 1, wanted: 1, settled: true });
    expect(workloadState(object(daemon))).to.include({ ready: 2, wanted: 3, settled: false });
    expect(workloadState(object({ ...daemon, status: {} }))).to.include({ wanted: 0, settled: true });
  });
});

const pod = (over: object) => ({
  kind: 'Pod',
  metadata: { name: 'shop-1', namespace: 'shop', uid: 'p', ownerReferences: [{ uid: 'rs' }] },
  spec: {},
  status: { phase: 'Pending' },
  ...over,
});
const symptoms = (over: Partial<Record<keyof Symptoms, readonly object[]>>): Symptoms => ({
  workloads: objects(...(over.workloads ?? [deployment({ observedGeneration: 3 })])),
  replicaSets: objects(
    ...(over.replicaSets ?? [
      { kind: 'ReplicaSet', metadata: { name: 'rs', uid: 'rs', ownerReferences: [{ uid: 'd' }] } },
    ]),
  ),
  pods: objects(...(over.pods ?? [])),
  claims: objects(...(over.claims ?? [])),
  services: objects(...(over.services ?? [])),
  events: objects(...(over.events ?? [])),
});
const warning = (uid: string, message: string, time: string) => ({
  kind: 'Event',
  metadata: { name: `${uid}-${time}` },
  type: 'Warning',
  reason: 'Failed',
  message,
  lastTimestamp: time,
  involvedObject: { uid },
});

describe('why a release is not ready', () => {
  const release = aRelease();
  const lines = (over: Parameters<typeof symptoms>[0]) =>
    findTroubles(release, symptoms(over)).flatMap(({ headline, lines: rest }) => [headline, ...rest]);

  it('nothing to say about one that is', () => {
    expect(lines({ workloads: [deployment(settled)] })).to.deep.equal([]);
    expect(lines({ workloads: [{ ...deployment({}), metadata: { name: 'other', namespace: 'shop' } }] })).to.deep.equal(
      [],
    );
  });

  it('names the pod, its container, the exit code, and the newest warning', () => {
    const status = {
      phase: 'Running',
      initContainerStatuses: [
        { name: 'setup', ready: false, state: { terminated: { reason: 'Completed', exitCode: 0 } } },
      ],
      containerStatuses: [
        {
          name: 'main',
          ready: false,
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
          lastState: { terminated: { reason: 'Error', exitCode: 137 } },
        },
      ],
    };
    const events = [
      warning('p', 'new', '2026-01-01T00:02:00Z'),
      warning('p', 'old', '2026-01-01T00:01:00Z'),
      { ...warning('p', 'normal', '2026-01-01T00:03:00Z'), type: 'Normal' },
      warning('other', 'not ours', '2026-01-01T00:04:00Z'),
    ];
    expect(lines({ pods: [pod({ status })], events })).to.deep.equal([
      'deployment/shop has 0 of 2 pods ready',
      'pod shop-1 is Running: container main CrashLoopBackOff (back-off 40s), exit code 137, restarted 4 times',
      'event Failed: new',
    ]);
    const [trouble] = findTroubles(release, symptoms({ pods: [pod({ status })] }));
    expect(trouble?.pod).to.deep.equal({ namespace: 'shop', name: 'shop-1', container: 'main', restarted: true });
  });

  it('names the volume a pod waits for, and why it cannot be scheduled', () => {
    const pending = pod({
      spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] },
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
      },
    });
    const claims = [
      {
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', namespace: 'shop', uid: 'c' },
        status: { phase: 'Pending' },
      },
      { kind: 'PersistentVolumeClaim', metadata: { name: 'other', namespace: 'shop' }, status: { phase: 'Pending' } },
    ];
    expect(
      lines({ pods: [pending], claims, events: [warning('c', 'no such class', '2026-01-01T00:00:00Z')] }),
    ).to.deep.equal([
      'deployment/shop has 0 of 2 pods ready',
      'pod shop-1 is Pending: 0/3 nodes are available',
      'volume claim data is Pending',
      'event Failed: no such class',
    ]);
  });

  it('repeats what the controller says when there is no pod at all', () => {
    const quota = deployment({ conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }] });
    expect(
      lines({ workloads: [quota], events: [warning('d', 'create failed', '2026-01-01T00:00:00Z')] }),
    ).to.deep.equal(['deployment/shop has 0 of 2 pods ready', 'exceeded quota', 'event Failed: create failed']);
  });

  it('does not list a hundred pods', () => {
    const pods = Array.from({ length: 100 }, (_, index) =>
      pod({ metadata: { name: `shop-${index}`, uid: `p${index}`, ownerReferences: [{ uid: 'rs' }] } }),
    );
    expect(lines({ pods })).to.have.length(5);
    expect(lines({ pods }).at(-1)).to.equal('and 97 more pods like these');
  });

  it('names a load balancer without an address', () => {
    const service = (ingress: readonly object[]) => ({
      kind: 'Service',
      metadata: { ...helm, name: 'shop', uid: 's' },
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress } },
    });
    const workloads = [deployment(settled)];
    expect(lines({ workloads, services: [service([])] })).to.deep.equal([
      'service/shop has no address from the load balancer yet',
    ]);
    expect(lines({ workloads, services: [service([{ ip: '203.0.113.1' }])] })).to.deep.equal([]);
  });
});

describe('waiting for a release', () => {
  const release = aRelease({ timeoutSeconds: 10 });
  const crashing = [
    deployment({ observedGeneration: 3 }),
    { kind: 'ReplicaSet', metadata: { name: 'rs', uid: 'rs', ownerReferences: [{ uid: 'd' }] } },
    pod({ status: { phase: 'Running', containerStatuses: [{ name: 'main', restartCount: 2 }] } }),
  ];

  it('ends when it is ready', async () => {
    const scene = aScene(aBlueprint());
    scene.found('deployments', crashing, 2);
    scene.found('deployments', [deployment(settled)]);
    expect(await waitUntilReady(scene.deps, pin, release)).to.equal(undefined);
    expect(scene.fakes.clock.sleeps).to.have.length(2);
  });

  it('ends when its time is over, with the last words of its pod', async () => {
    const scene = aScene(aBlueprint());
    scene.found('deployments', crashing, 9);
    scene.expect('kubectl', 'logs', { stdout: 'panic: no database\n\n' });
    const trouble = await waitUntilReady(scene.deps, pin, release);
    expect(trouble?.lines).to.include('  log: panic: no database');
    const logs = scene.fakes.runner.calls.find(({ args }) => args.includes('logs'));
    expect(logs?.args).to.include('--previous').and.to.include('main');
    scene.fakes.verify();
  });

  it('ends early when the user wishes to', async () => {
    const scene = aScene(aBlueprint());
    scene.found('deployments', crashing, 2);
    scene.expect('kubectl', 'logs', { exitCode: 1 });
    scene.fakes.interruption.press();
    expect((await waitUntilReady(scene.deps, pin, release))?.lines[0]).to.equal(
      'deployment/shop has 0 of 2 pods ready',
    );
    expect(scene.fakes.clock.sleeps).to.deep.equal([]);
  });

  it('dials no pod in the sandbox, and asks nothing about a release without workloads', async () => {
    const scene = aScene(aBlueprint(), { surroundings: { kind: 'sandbox', podsRun: false } });
    scene.found('deployments', crashing);
    expect((await diagnoseRelease(scene.deps, pin, release))?.lines).to.have.length(2);
    expect(await diagnoseRelease(scene.deps, pin, aRelease({ workloads: false }))).to.equal(undefined);
    expect(await waitUntilReady(scene.deps, pin, aRelease({ workloads: false }))).to.equal(undefined);
    scene.fakes.verify();
  });
});

describe('what status says', () => {
  const now = new Date('2026-01-15T03:00:00Z');

  it('of nodes: how many are ready, and the oldest version', () => {
    const node = (ready: string, version: string) => ({
      kind: 'Node',
      metadata: { name: version },
      status: { conditions: [{ type: 'Ready', status: ready }], nodeInfo: { kubeletVersion: version } },
    });
    expect(nodesState(objects(node('True', 'v1.36.10'), node('False', 'v1.36.9')))).to.deep.equal({
      ready: 1,
      total: 2,
      version: 'v1.36.9',
    });
    expect(nodesState([])).to.deep.equal({ ready: 0, total: 0, version: '' });
  });

  it('of a certificate: whether it is there, and how long it lasts', () => {
    const certificate = (status: object) =>
      certificateState(
        object({
          kind: 'Certificate',
          metadata: { name: 'a', namespace: 'shop' },
          spec: { dnsNames: ['a.test'] },
          status,
        }),
        now,
      );
    const ready = {
      notAfter: '2026-02-14T02:00:00Z',
      conditions: [{ type: 'Ready', status: 'True', message: 'fine' }],
    };
    expect(certificate(ready)).to.deep.include({ hosts: ['a.test'], ready: true, message: '', daysLeft: 29 });
    expect(certificate({ conditions: [{ type: 'Ready', status: 'False', message: 'rate limited' }] })).to.include({
      ready: false,
      message: 'rate limited',
    });
    expect(certificate({}))
      .to.include({ ready: false, message: 'not issued yet' })
      .and.not.to.have.property('daysLeft');
  });

  it('of backups: the newest, and the newest that can be restored from', () => {
    const backup = (name: string, phase: string, startTimestamp: string, of = 'shop-prod') => ({
      kind: 'Backup',
      metadata: { name, labels: { 'ffops.dev/backup-of': of } },
      status: { phase, startTimestamp },
    });
    const state = backupsState(
      objects(
        backup('monday', 'Completed', '2026-01-13T03:00:00Z'),
        backup('wednesday', 'PartiallyFailed', '2026-01-15T02:30:00Z'),
        backup('tuesday', 'Completed', '2026-01-14T03:00:00Z'),
        backup('theirs', 'Completed', '2026-01-15T02:59:00Z', 'shop-staging'),
      ),
      'shop-prod',
      now,
    );
    expect(state.newest).to.deep.include({ name: 'wednesday', phase: 'PartiallyFailed', ageHours: 0.5 });
    expect(state.newestGood).to.deep.include({ name: 'tuesday', ageHours: 24 });
    expect(backupsState([], 'shop-prod', now)).to.deep.equal({});
  });
});
