/**
 * Backups of a local cluster in a sandbox. Its pods have no process, so the S3 server of the cluster does not run: the
 * sandbox's Spaces stand in for it, and the bucket that the server would have is made here.
 */
import { objectStorage } from '../cloud/object-storage.ts';
import { bucketName } from '../model/bucket-name.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Ports } from '../ports/ports.ts';
import type { OpenSandbox } from '../sandbox/surroundings.ts';

const SERVER = 'object-storage';

export async function makeStandInBucket(
  { network, clock }: Pick<Ports, 'network' | 'clock'>,
  blueprint: Pick<Blueprint, 'stacks' | 'workspace' | 'environment'>,
  { surroundings, keys }: OpenSandbox,
): Promise<void> {
  const isServed = blueprint.stacks.some(({ releases }) => releases.some(({ chart }) => chart.name === SERVER));
  const endpoint = surroundings.storageUrl;
  if (!isServed || endpoint === undefined) return;
  const credentials = { accessKey: keys.spacesAccessKey, secretKey: keys.spacesSecretKey };
  const storage = objectStorage({ network, clock }, { endpoint, region: 'us-east-1', credentials });
  const bucket = bucketName(blueprint, 'backups');
  if ((await storage.bucket(bucket)) === 'missing') await storage.createBucket(bucket);
}
