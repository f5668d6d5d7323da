/** A cluster's dependencies over fakes: kubectl, helm and doctl answer what the test says, anything else is a surprise. */
import { dump } from 'js-yaml';
import type { FfopsError } from '../../../src/errors.ts';
import type { ClusterDeps } from '../../../src/cluster/hands.ts';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { Surroundings } from '../../../src/model/surroundings.ts';
import type { ClusterPin } from '../../../src/tools/kubectl.ts';
import { realWorld } from '../../support/blueprint.ts';
import { fakePorts, type Answer, type Fakes } from '../../support/fakes.ts';

export const folder = '/w/.ffops/dev';
export const pin: ClusterPin = {
  kubeconfig: `${folder}/kubeconfig`,
  context: 'minikube',
  cacheFolder: `${folder}/cache/kubernetes`,
};

export interface Scene {
  readonly fakes: Fakes;
  readonly deps: ClusterDeps;
  /** The next `kubectl get` that names this kind. */
  found(kind: string, objects: readonly object[], times?: number): void;
  expect(program: string, verb: string, answer?: Answer): void;
}

export interface SceneOptions {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly surroundings?: Partial<Surroundings>;
  readonly variables?: Readonly<Record<string, string>>;
}

export function aScene(blueprint: Blueprint, options: SceneOptions = {}): Scene {
  const fakes = fakePorts({
    ...(options.files === undefined ? {} : { files: options.files }),
    ...(options.variables === undefined ? {} : { variables: options.variables }),
  });
  const secrets: Readonly<Record<string, string>> = { 'state.passphrase': 'key', ...options.secrets };
  const deps: ClusterDeps = {
    files: fakes.files,
    clock: fakes.clock,
    interruption: fakes.interruption,
    variables: fakes.ports.variables,
    run: (tool, call) => fakes.runner.run({ program: tool, ...call }),
    secrets: { get: async (name) => new Secret(secrets[name] ?? `no ${name}`) },
    blueprint,
    surroundings: { ...realWorld, ...options.surroundings },
    folder,
  };
  return {
    fakes,
    deps,
    found: (kind, objects, times = 1) =>
      fakes.runner.expect(
        { program: 'kubectl', args: (args) => args[4] === 'get' && (args[5] ?? '').split(',').includes(kind) },
        { stdout: JSON.stringify({ kind: 'List', items: objects }) },
        times,
      ),
    expect: (program, verb, answer) => fakes.runner.expect({ program, args: (args) => args.includes(verb) }, answer),
  };
}

export async function failure(
  work: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string; readonly problems: unknown }> {
  try {
    await work;
  } catch (error) {
    return error as never;
  }
  throw new Error('it should have failed');
}

/** A kubeconfig as doctl prints it. */
export function kubeconfig(server: string, authority = 'authority'): string {
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'do-ams3-shop',
    clusters: [
      { name: 'shop', cluster: { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') } },
    ],
    contexts: [{ name: 'do-ams3-shop', context: { cluster: 'shop', user: 'admin' } }],
    users: [{ name: 'admin', user: { token: 'canary' } }],
  });
}

export function kubeSystem(uid: string): { stdout: string } {
  return { stdout: JSON.stringify({ kind: 'Namespace', metadata: { name: 'kube-system', uid } }) };
}

/** How the work was refused: its code, and every message with its hints. */
export async function refused(work: Promise<unknown>): Promise<{ readonly code: string; readonly text: string }> {
  try {
    await work;
  } catch (error) {
    const { code, problems } = error as FfopsError;
    return { code, text: problems.map(({ message, hints = [] }) => [message, ...hints].join('\n')).join('\n') };
  }
  throw new Error('it was not refused');
}
