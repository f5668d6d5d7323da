/** A kubeconfig of one cluster and one context, as doctl and kubectl print it. */
import { createHash } from 'node:crypto';
import { load } from 'js-yaml';
import { z } from 'zod';

const schema = z.looseObject({
  'current-context': z.string().min(1),
  clusters: z
    .array(
      z.looseObject({
        cluster: z.looseObject({ server: z.string(), 'certificate-authority-data': z.string().default('') }),
      }),
    )
    .length(1),
  contexts: z.array(z.looseObject({ name: z.string() })).length(1),
  users: z.array(z.looseObject({})).length(1),
});

export interface Kubeconfig {
  readonly context: string;
  readonly server: string;
  /** A hash of the authority that signs the server's certificate. */
  readonly authority: string;
}

/** Undefined when it is not a kubeconfig of exactly one cluster. */
export function readKubeconfig(text: string): Kubeconfig | undefined {
  const parsed = schema.safeParse(safeLoad(text));
  const cluster = parsed.data?.clusters[0]?.cluster;
  if (!parsed.success || cluster === undefined) return undefined;
  return {
    context: parsed.data['current-context'],
    server: cluster.server,
    authority: createHash('sha256').update(cluster['certificate-authority-data']).digest('hex').slice(0, 32),
  };
}

function safeLoad(text: string): unknown {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}
