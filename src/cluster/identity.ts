/** Which cluster this environment lives in, remembered from the first time: nothing is ever done to another one. */
import { z } from 'zod';
import { FailedError } from '../errors.ts';
import type { Files } from '../ports/files.ts';

const schema = z.object({
  /** Of the namespace kube-system: a cluster keeps it for life. */
  uid: z.string(),
  /** Hash of the certificate authority. */
  authority: z.string(),
  server: z.string(),
  /** When the kubeconfig stops working by itself. */
  expiresAt: z.string().optional(),
  /** Hash of what the kubeconfig was copied from. */
  source: z.string().optional(),
});

/** The one trouble that nothing may go on after. */
export const ANOTHER_CLUSTER = 'cluster.another';

export type ClusterRecord = z.infer<typeof schema>;

export async function readRecord(files: Files, path: string): Promise<ClusterRecord | undefined> {
  const text = await files.read(path);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(safeJson(text));
  if (parsed.success) return parsed.data;
  throw new FailedError('cluster.badRecord', {
    message: `${path} is damaged: it should say which cluster this environment lives in.`,
    hints: ['Check with `kubectl config current-context` that you mean this cluster, then remove the file.'],
  });
}

export async function writeRecord(files: Files, path: string, record: ClusterRecord): Promise<void> {
  await files.write(path, `${JSON.stringify(record, null, 2)}\n`);
}

/** Throws FailedError when the cluster that answers is not the one that was recorded. */
export function refuseAnother(environment: string, path: string, recorded: ClusterRecord, found: ClusterRecord): void {
  const sameCluster = recorded.uid === found.uid;
  if (sameCluster && recorded.authority === found.authority) return;
  throw new FailedError(ANOTHER_CLUSTER, {
    message: sameCluster
      ? `The certificate authority of the cluster of ${environment} has changed (${found.server}).`
      : `${found.server} is not the cluster that ${environment} was applied to (${recorded.server}).`,
    hints: [
      sameCluster
        ? 'If you renewed its certificates, this is expected; if not, someone may stand in between.'
        : 'Point the environment back at its cluster (`cluster.name`, `cluster.context`).',
      `If this cluster takes its place on purpose, remove ${path} and run the command again.`,
    ],
  });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
