/** Kubernetes in memory: as many clusters as asked for, and no process behind them. Tests of the cloud only. */
import type { ClusterBackend, ClusterSpec, NodeSpec } from '../../../src/sandbox/digitalocean/contracts.ts';

export interface FakeClusters extends ClusterBackend {
  readonly running: ReadonlyMap<string, ClusterSpec>;
  /** What was asked, in order: `create prod`, `setNodes 3`, … */
  readonly asked: readonly string[];
  /** The next call fails with this. */
  failNext(error: Error): void;
}

export function fakeClusters(delayMs = 5): FakeClusters {
  const running = new Map<string, ClusterSpec>();
  const asked: string[] = [];
  let failure: Error | undefined;
  const work = async (what: string): Promise<void> => {
    asked.push(what);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const thrown = failure;
    failure = undefined;
    if (thrown !== undefined) throw thrown;
  };
  const known = (id: string): ClusterSpec => {
    const cluster = running.get(id);
    if (cluster === undefined) throw new Error(`no cluster ${id}`);
    return cluster;
  };
  return {
    running,
    asked,
    failNext: (error) => {
      failure = error;
    },
    create: async (cluster) => {
      await work(`create ${cluster.name}`);
      running.set(cluster.id, cluster);
    },
    setNodes: async (id: string, nodes: readonly NodeSpec[]) => {
      await work(`setNodes ${nodes.length}`);
      running.set(id, { ...known(id), nodes });
    },
    upgrade: async (id, version) => {
      await work(`upgrade ${version}`);
      running.set(id, { ...known(id), version });
    },
    delete: async (id) => {
      await work('delete');
      running.delete(id);
    },
    credentials: async (id, expirySeconds) => {
      known(id);
      return {
        server: 'https://127.0.0.1:6443',
        certificateAuthority: 'authority',
        clientCertificate: 'certificate',
        clientKey: 'key',
        expiresAt: new Date(Date.now() + expirySeconds * 1000),
      };
    },
  };
}
