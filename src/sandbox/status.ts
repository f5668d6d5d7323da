import { z } from 'zod';

const part = z.object({
  name: z.string(),
  state: z.enum(['running', 'restarting', 'stopped']),
  pid: z.number().optional(),
  restarts: z.number(),
  memoryBytes: z.number(),
});

/** What the daemon says of itself. */
export const sandboxStatus = z.object({
  /** False while what an earlier life had is being brought back. */
  ready: z.boolean(),
  /** Why it will never be ready; it then ends by itself. */
  trouble: z.string().optional(),
  startedAt: z.string(),
  digitaloceanUrl: z.string(),
  spacesUrl: z.string(),
  clusters: z.array(z.object({ id: z.string(), name: z.string(), nodes: z.number() })),
  /** Those of the cloud's clusters. */
  nodes: z.enum(['simulated', 'real']),
  /** Where the images of pods come from; absent where no pod runs. */
  images: z.enum(['rebuilt', 'upstream']).optional(),
  /** Images that real nodes have without any registry, each made of other parts than the one whose name it has. */
  rebuiltImages: z.array(z.object({ name: z.string(), madeOf: z.string() })),
  /** Images that real nodes asked their registries for: what they are, or why they could not be had. */
  upstreamImages: z.array(
    z.object({ name: z.string(), digest: z.string().optional(), trouble: z.string().optional() }),
  ),
  /** Load balancers that answer, and where on this machine. */
  forwards: z.array(z.object({ service: z.string(), address: z.string(), loopback: z.string() })),
  localContexts: z.array(z.string()),
  parts: z.array(part),
  /** Of all parts. */
  memoryBytes: z.number(),
  /** Addresses inside clusters that something wanted to dial and that were refused. */
  refusedDials: z.array(z.string()),
});
export type SandboxStatus = z.infer<typeof sandboxStatus>;

/** How commands find the daemon; written when it listens, 0600. */
export const daemonFile = z.object({
  pid: z.number(),
  startedAt: z.string(),
  controlUrl: z.string(),
  /** Bearer token of the control endpoint. */
  key: z.string(),
});
export type DaemonFile = z.infer<typeof daemonFile>;

/** The programs that a sandbox runs, by absolute path. */
export const sandboxPrograms = z.object({
  etcd: z.string(),
  'kube-apiserver': z.string(),
  'kube-controller-manager': z.string(),
  'kube-scheduler': z.string(),
  kwok: z.string(),
  versitygw: z.string(),
  'velero-server': z.string(),
  'velero-plugin-for-aws': z.string(),
});
export type SandboxPrograms = z.infer<typeof sandboxPrograms>;
