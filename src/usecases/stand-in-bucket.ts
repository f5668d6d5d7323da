/**
 * Backups of a local cluster in a sandbox. Its pods have no process, so the S3 server of the cluster does not run: the
 * sandbox's Spaces stand in for it, and the bucket that the server would have is made here.
 */
import { objectStorage } from '../cloud/object-storage.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Ports } from '../ports/ports.ts';
import type { OpenSandbox } from '../sandbox/surroundings.ts';

export async function makeStandInBucket(
  { network, clock }: Pick<Ports, 'network' | 'clock'>,
  { backupStorage }: Pick<Blueprint, 'backupStorage'>,
  { surroundings, keys }: OpenSandbox,
): Promise<void> {
  const endpoint = surroundings.storageUrl;
  if (backupStorage?.service === undefined || endpoint === undefined) return;
  const { bucket, region } = backupStorage;
  const credentials = { accessKey: keys.spacesAccessKey, secretKey: keys.spacesSecretKey };
  const storage = objectStorage({ network, clock }, { endpoint, region, credentials });
  if ((await storage.bucket(bucket)) === 'missing') await storage.createBucket(bucket);
}
