import { join } from 'node:path';

/** Where everything of a workspace's sandbox lies. `stop` removes `root` whole. */
export interface SandboxLayout {
  /** What commands with `--sandbox` write: stacks, kubeconfigs, journals, secrets of the sandbox. */
  readonly root: string;
  /** What the running sandbox needs; it has no use once the sandbox is stopped. */
  readonly runtime: string;
  /** Opens what the sandbox made up for itself, and nothing else. */
  readonly ageKeyFile: string;
  /** How to reach the daemon: its process, its control port and its key. 0600. */
  readonly daemonFile: string;
  /** Held while somebody starts or stops the sandbox. */
  readonly lockFile: string;
  readonly logs: string;
  /** The simulated DigitalOcean's memory. */
  readonly cloud: string;
  readonly objects: string;
  readonly clusters: string;
  /** Keys of this sandbox's own Spaces and API, made at its first start. 0600. */
  readonly keysFile: string;
  /** `simulated` or `real`: what the clusters' nodes are. */
  readonly nodesFile: string;
  /** `rebuilt` or `upstream`: where the images of real nodes come from. */
  readonly imagesFile: string;
  /** Kubeconfig of the local clusters, one context each. 0600. */
  readonly localKubeconfig: string;
}

export function sandboxLayout(workspace: string): SandboxLayout {
  const root = join(workspace, '.ffops', 'sandbox');
  const runtime = join(root, 'runtime');
  return {
    root,
    runtime,
    ageKeyFile: join(root, 'secrets', 'age.txt'),
    daemonFile: join(runtime, 'daemon.json'),
    lockFile: join(root, 'starting.lock'),
    logs: join(runtime, 'logs'),
    cloud: join(runtime, 'cloud'),
    objects: join(runtime, 'objects'),
    clusters: join(runtime, 'clusters'),
    keysFile: join(runtime, 'keys.json'),
    nodesFile: join(runtime, 'nodes'),
    imagesFile: join(runtime, 'images'),
    localKubeconfig: join(runtime, 'local.kubeconfig'),
  };
}
