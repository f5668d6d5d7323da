import { z } from 'zod';

/** Where toolchain/node/boot.sh mounts what only the nodes see, and the cluster's folder in it. */
export const RUN_INSIDE = '/run/ffops';
export const CLUSTER_INSIDE = `${RUN_INSIDE}/cluster`;
/** Of the CNI. */
export const PLUGINS_INSIDE = `${RUN_INSIDE}/cni-plugins`;

/** Where containerd finds images in there. */
export const IMAGES_PORT = 5000;
/** Where the daemon has images, in its runtime folder. */
export const IMAGES_SOCKET = 'images.sock';

/** One node, as the program inside the namespaces runs it. */
export const insideNode = z.object({ name: z.string(), address: z.string() });
export type InsideNode = z.infer<typeof insideNode>;

/** What the program inside the namespaces is told. Paths are as it sees them. */
export const insideOptions = z.object({
  runtime: z.string(),
  logs: z.string(),
  /** Names its parts and logs. */
  name: z.string(),
  /** Unix socket that it listens on: the way in. */
  socket: z.string(),
  /** Unix socket of the daemon: the way to the API server. */
  apiSocket: z.string(),
  /** Where the API server listens outside, and seems to listen in here too. */
  apiPort: z.number(),
  /** Unix socket of the daemon: the way to Spaces. */
  spacesSocket: z.string(),
  /** Where Spaces listens outside, and seems to listen in here at the address below. */
  spacesPort: z.number(),
  /** The address under which pods find the API server, through its service. */
  apiAddress: z.string(),
  podRange: z.string(),
  serviceRange: z.string(),
  loadBalancerRange: z.string(),
  dnsAddress: z.string(),
  kubeconfig: z.string(),
  clientAuthority: z.string(),
  pauseImage: z.string(),
  /** Unix socket of the daemon, where it has images; otherwise they are those below. */
  imagesSocket: z.string().optional(),
  /** Blobs of images, and which there are. */
  blobs: z.string(),
  images: z.array(z.object({ name: z.string(), manifest: z.string() })),
  programs: z.object({
    containerd: z.string(),
    ctr: z.string(),
    runc: z.string(),
    plugins: z.string(),
    kubelet: z.string(),
    kubeProxy: z.string(),
  }),
  /** PATH and libraries of the programs that came as packages. */
  path: z.string(),
  libraries: z.string(),
});
export type InsideOptions = z.infer<typeof insideOptions>;

/** Of programs that may have come as packages. */
export function programEnvironment({
  path,
  libraries,
}: Pick<InsideOptions, 'path' | 'libraries'>): Readonly<Record<string, string>> {
  return { PATH: path, ...(libraries === '' ? {} : { LD_LIBRARY_PATH: libraries }) };
}

/** `GET /parts` and the answer to `PUT /nodes`. */
export const insideParts = z.array(
  z.object({
    name: z.string(),
    state: z.enum(['running', 'restarting', 'stopped']),
    restarts: z.number(),
    memoryBytes: z.number(),
  }),
);
