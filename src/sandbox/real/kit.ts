import { z } from 'zod';

/** What `ffops sandbox prepare` made: everything that real nodes run and that is no tool of the toolchain. */
export const preparedNodes = z.object({
  programs: z.object({
    containerd: z.string(),
    ctr: z.string(),
    runc: z.string(),
    /** Folder of the CNI plugins. */
    plugins: z.string(),
  }),
  /** PATH and LD_LIBRARY_PATH of these programs. */
  path: z.string(),
  libraries: z.string(),
  /** Where the images' blobs lie. */
  blobs: z.string(),
  images: z.array(
    z.object({
      /** As manifests name it, the registry's host included. */
      name: z.string(),
      /** What is inside, in words: these are rebuilt, and only look like the images of that name. */
      madeOf: z.string(),
      /** Digest of its manifest. */
      manifest: z.string(),
    }),
  ),
});
export type PreparedNodes = z.infer<typeof preparedNodes>;

/** All that real nodes need, by absolute path. */
export const realNodeKit = z.object({
  prepared: preparedNodes,
  kubelet: z.string(),
  kubeProxy: z.string(),
  /** Where images come from their registries, instead of those that were prepared. */
  upstream: z
    .object({
      /** What was downloaded lies here. */
      folder: z.string(),
      /** Serves `<base>/<host>/<path>` for every `https://<host>/<path>`. */
      mirror: z.string().optional(),
    })
    .optional(),
});
export type RealNodeKit = z.infer<typeof realNodeKit>;

export const PAUSE_IMAGE = 'registry.k8s.io/pause:3.10';
export const DNS_IMAGE = 'docker.io/coredns/coredns:1.15.0';
