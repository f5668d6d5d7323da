import type { KubeClient } from '../../kubernetes/client.ts';
import { Informer } from '../../kubernetes/informer.ts';
import type { KubeObject } from '../../kubernetes/objects.ts';
import { Reconciler } from '../../kubernetes/reconciler.ts';
import { waitFor } from '../../processes/wait.ts';
import type { Announced, AnnouncedPod } from '../announcements.ts';
import { filtersOf, type NamedPort, type NetworkPolicy, type PolicedPod, type Protocol } from './policy.ts';
import { rulesetOf, type PolicedNetwork } from './ruleset.ts';

export interface EnforcerOptions {
  readonly client: KubeClient;
  readonly network: PolicedNetwork;
  /** Replaces the rules of the kernel at once. */
  readonly apply: (ruleset: string) => Promise<void>;
  readonly report: (message: string) => void;
}

interface Pod extends KubeObject {
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly (Container & { readonly restartPolicy?: string })[];
  };
}

interface Container {
  readonly ports?: readonly { readonly name?: string; readonly protocol?: Protocol; readonly containerPort: number }[];
}

const KNOWN_WITHIN_MS = 10_000;

/**
 * Keeps the kernel's rules as the cluster's NetworkPolicies say. Who has which address it hears from the nodes themselves,
 * before the pod runs; everything else from the API.
 */
export class PolicyEnforcer implements Announced {
  readonly #options: EnforcerOptions;
  readonly #pods: Informer<Pod>;
  readonly #namespaces: Informer<KubeObject>;
  readonly #policies: Informer<NetworkPolicy>;
  readonly #announced = new Map<string, AnnouncedPod>();
  /** As each was when it was last heard of: one whose object was taken away by force still runs for a while. */
  readonly #policed = new Map<string, PolicedPod>();
  readonly #reconciler: Reconciler;
  #applied: string | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: EnforcerOptions) {
    this.#options = options;
    const { client, report } = options;
    this.#pods = new Informer(client, { path: '/api/v1/pods' });
    this.#namespaces = new Informer(client, { path: '/api/v1/namespaces', metadataOnly: true });
    this.#policies = new Informer(client, { path: '/apis/networking.k8s.io/v1/networkpolicies' });
    this.#reconciler = new Reconciler(() => this.#enforce(), report);
    for (const informer of this.#informers()) informer.onChange(() => this.#reconciler.enqueue('network policies'));
  }

  start(): void {
    for (const informer of this.#informers()) informer.start();
  }

  /** Resolves when nothing reaches the pod, and it reaches nothing, but what may. */
  async add(pod: AnnouncedPod): Promise<void> {
    this.#announced.set(pod.id, pod);
    await waitFor(`the API does not tell of pod ${pod.key}`, KNOWN_WITHIN_MS, async () =>
      this.#informers().every((informer) => informer.hasListed()) && this.#find(pod) !== undefined ? true : undefined,
    );
    await this.#enforce();
  }

  remove(id: string): void {
    this.#announced.delete(id);
    this.#policed.delete(id);
    this.#reconciler.enqueue('network policies');
  }

  #informers(): readonly Pick<Informer<KubeObject>, 'onChange' | 'start' | 'hasListed'>[] {
    return [this.#pods, this.#namespaces, this.#policies];
  }

  /** One after the other, each with what is known when its turn comes. */
  #enforce(): Promise<void> {
    const done = this.#last.then(async () => {
      const ruleset = this.#ruleset();
      if (ruleset === this.#applied) return;
      await this.#options.apply(ruleset);
      this.#applied = ruleset;
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  #ruleset(): string {
    const namespaces = new Map(this.#namespaces.all().map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
    for (const one of this.#announced.values()) {
      const pod = this.#find(one);
      if (pod !== undefined) this.#policed.set(one.id, policedPod(pod, one.address));
    }
    const pods = [...this.#policed.values()];
    return rulesetOf(filtersOf({ pods, namespaces, policies: this.#policies.all() }), this.#options.network);
  }

  /** A pod of the same name that came before it is another one. */
  #find({ key, uid }: AnnouncedPod): Pod | undefined {
    const pod = this.#pods.get(key);
    return pod?.metadata.uid === uid ? pod : undefined;
  }
}

function policedPod({ metadata, spec }: Pod, address: string): PolicedPod {
  const beside = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  return {
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    address,
    ports: [...spec.containers, ...beside].flatMap(({ ports = [] }) =>
      ports.flatMap(({ name, protocol = 'TCP', containerPort }): readonly NamedPort[] =>
        name === undefined ? [] : [{ name, protocol, number: containerPort }],
      ),
    ),
  };
}
