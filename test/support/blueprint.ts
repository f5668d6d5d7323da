/** A small blueprint to change one thing of. */
import type { Blueprint, KubernetesSecret, Release, SecretWant, Stack } from '../../src/model/blueprint.ts';
import type { Origin } from '../../src/model/origin.ts';
import type { Surroundings } from '../../src/model/surroundings.ts';

export const origin: Origin = { kind: 'ffops', path: 'test' };

export function aRelease(over: Partial<Release> = {}): Release {
  return {
    name: 'shop',
    namespace: 'shop',
    entry: 'shop',
    chart: { kind: 'first-party', name: 'shop' },
    context: {},
    timeoutSeconds: 60,
    after: [],
    reads: [],
    origin,
    workloads: true,
    ...over,
  };
}

export function aStack(over: Partial<Stack> = {}): Stack {
  return {
    kind: 'tofu',
    name: 'app-shop',
    title: 'the shop',
    dependsOn: [],
    template: 'releases',
    context: {},
    providers: ['helm'],
    variables: [],
    outputs: [],
    resources: [],
    releases: [aRelease()],
    credentials: {},
    needsCluster: true,
    keptByDestroy: false,
    ...over,
  };
}

/** Of a workspace at `/w`. */
export const realWorld = {
  kind: 'real',
  podsRun: true,
  root: '/w/.ffops',
  secretsFile: '',
  ageKeyFile: '',
  variables: {},
  tofuVariables: {},
} as const satisfies Surroundings;

export const passphrase: SecretWant = {
  name: 'state.passphrase',
  description: 'encrypts the state',
  supply: { kind: 'generated', length: 40, alphabet: 'alphanumeric' },
};

export function aBlueprint(over: Partial<Blueprint> = {}): Blueprint {
  return {
    workspace: 'shop',
    environment: 'dev',
    platform: 'local',
    rootDomain: 'shop.test',
    cluster: { kind: 'context', context: 'minikube' },
    state: { kind: 'local' },
    stacks: [aStack()],
    apps: [],
    namespaces: [{ name: 'shop', stack: 'app-shop', labels: {}, origin }],
    hosts: [],
    databases: [],
    provisioners: [],
    secrets: [passphrase],
    kubernetesSecrets: [],
    volumes: [],
    buckets: [],
    schedules: [],
    ...over,
  };
}

export function aKubernetesSecret(over: Partial<KubernetesSecret> = {}): KubernetesSecret {
  return {
    namespace: 'shop',
    name: 'shop-token',
    stack: 'app-shop',
    origin,
    data: { token: [{ secret: 'shop.token' }] },
    ...over,
  };
}
