/** Where backups go, for all who write or read them: the platform's object storage, or a server of the environment's own. */
import { bucketName } from '../model/bucket-name.ts';
import type { BackupStorage } from '../model/blueprint.ts';
import type { EntryRequest } from '../model/plugs.ts';

/** Beside Velero. */
export const SERVER = { namespace: 'infra', name: 'object-storage', port: 9000 } as const;
/** What both servers of charts/object-storage say when nobody says anything. */
const REGION = 'us-east-1';

/** Undefined on a platform that has neither object storage nor a folder for it. */
export function backupStorage({ context, offer }: Pick<EntryRequest, 'context' | 'offer'>): BackupStorage | undefined {
  const bucket = bucketName(context, 'backups');
  if (offer.objectStorage !== undefined) {
    const { endpoint, region } = offer.objectStorage;
    return { bucket, endpoint, region };
  }
  if (offer.dataFolder === undefined) return undefined;
  const { namespace, name, port } = SERVER;
  return { bucket, endpoint: `http://${name}.${namespace}.svc:${port}`, region: REGION, service: SERVER };
}
