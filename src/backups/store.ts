/** The bucket of the backups, as it is reached from this machine: dumps and what Velero wrote about its own work. */
import { gunzipSync } from 'node:zlib';
import { DUMPS_KEY, DUMPS_PREFIX } from '../catalogue/dumps/entry.ts';
import { VELERO_PREFIX } from '../catalogue/velero/entry.ts';
import { BACKUPS_ACCESS_KEY, BACKUPS_SECRET_KEY } from '../catalogue/velero/keys.ts';
import { objectStorage } from '../cloud/object-storage.ts';
import { throughService } from '../cluster/through-service.ts';
import { FailedError } from '../errors.ts';
import type { BackupStorage } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import { toolFailed } from '../tools/call.ts';
import * as rclone from '../tools/rclone.ts';
import type { BackupDeps } from './hands.ts';
import { filesBeside, momentOf, readManifests, type DumpManifest } from './manifest.ts';
import type { Engine } from './subject.ts';
import type { ResourceList } from './verify.ts';

export interface Dump {
  readonly engine: Engine;
  readonly id: string;
  /** Absent while it is being made, when it broke off, or when a newer ffops made it. */
  readonly manifest?: DumpManifest;
  /** Why it cannot be restored. */
  readonly trouble?: string;
  /** As it lies in the bucket. */
  readonly bytes: number;
}

export interface BackupStore {
  readonly bucket: string;
  /** Newest first. Throws FailedError when the bucket does not answer, is missing, or refuses the key. */
  dumps(engine: Engine): Promise<readonly Dump[]>;
  /** What a backup of Velero holds; undefined when Velero never wrote it. */
  resourceList(backup: string): Promise<ResourceList | undefined>;
  /** Velero's own account of a backup's or a restore's errors, as JSON; undefined when it wrote none. */
  results(of: 'backup' | 'restore', name: string): Promise<string | undefined>;
}

/** Throws FailedError when this environment has no backups, UserError when a secret of theirs has no value. */
export async function openBackupStore(deps: BackupDeps): Promise<BackupStore> {
  const place = await placeOf(deps);

  async function unzipped(key: string): Promise<string | undefined> {
    const content = await reached(deps, place, (access) =>
      objectStorage(deps, { ...access, credentials: access }).get(access.bucket, `${VELERO_PREFIX}/${key}`),
    );
    if (content === undefined) return undefined;
    try {
      return gunzipSync(content).toString('utf8');
    } catch {
      throw new FailedError('backup.damaged', {
        message: `${place.bucket}/${VELERO_PREFIX}/${key} is damaged: it cannot be unpacked.`,
        hints: ['Choose another backup: `ffops backup list`.'],
      });
    }
  }

  return {
    bucket: place.bucket,
    dumps: (engine) =>
      reached(deps, place, async (access) => listDumps(deps, await encryptedAccess(deps, access), engine)),
    resourceList: async (backup) => {
      const text = await unzipped(`backups/${backup}/${backup}-resource-list.json.gz`);
      return text === undefined ? undefined : (JSON.parse(text) as ResourceList);
    },
    results: (of, name) =>
      unzipped(of === 'backup' ? `backups/${name}/${name}-results.gz` : `restores/${name}/restore-${name}-results.gz`),
  };
}

type Place = BackupStorage & Pick<rclone.BucketAccess, 'accessKey' | 'secretKey'>;

async function placeOf({ blueprint, secrets }: BackupDeps): Promise<Place> {
  const { environment, backupStorage } = blueprint;
  if (backupStorage === undefined) {
    throw new FailedError('backup.none', {
      message: `${environment} makes no backups.`,
      hints: ['Switch them on with `backups.enabled: true`.'],
    });
  }
  return {
    ...backupStorage,
    accessKey: await secrets.get(BACKUPS_ACCESS_KEY),
    secretKey: await secrets.get(BACKUPS_SECRET_KEY),
  };
}

/** From this machine: where the surroundings have it, through the cluster where it is the cluster's own, or as everybody does. */
async function reached<Value>(
  deps: BackupDeps,
  { endpoint, service, ...place }: Place,
  work: (access: rclone.BucketAccess) => Promise<Value>,
): Promise<Value> {
  const at = (url: string): Promise<Value> => work({ ...place, endpoint: url });
  const { storageUrl } = deps.surroundings;
  if (storageUrl !== undefined) return at(storageUrl);
  return service === undefined ? at(endpoint) : throughService(deps, await deps.pin(), service, at);
}

async function encryptedAccess(deps: BackupDeps, access: rclone.BucketAccess): Promise<rclone.EncryptedAccess> {
  const scrambled = await deps.run(
    'rclone',
    rclone.obscure(new Secret(`${(await deps.secrets.get(DUMPS_KEY)).reveal()}\n`)),
  );
  if (scrambled.exitCode !== 0)
    throw toolFailed('backup.rclone', 'rclone did not take the key of the dumps', scrambled);
  return { ...access, prefix: DUMPS_PREFIX, password: new Secret(scrambled.stdout.trim()) };
}

async function listDumps(deps: BackupDeps, access: rclone.EncryptedAccess, engine: Engine): Promise<readonly Dump[]> {
  const listed = await deps.run('rclone', rclone.listAll(access, engine));
  if (listed.exitCode !== 0) {
    // No folder yet, or no bucket: both are "not found", and only one of them is fine.
    const probed = await deps.run('rclone', rclone.probeBucket(access));
    if (probed.exitCode === 0 && rclone.NOT_FOUND.includes(listed.exitCode)) return [];
    throw unreachable(access, probed.exitCode === 0 ? listed : probed);
  }
  const objects = rclone.parseList(listed.stdout);
  const printed = await deps.run('rclone', rclone.printAll(access, engine, '/*/manifest.json'));
  // One that cannot be opened spoils itself alone; one that could not be fetched would pass for spoilt.
  if (printed.exitCode !== 0 && !rclone.notOpened(printed.stderr)) throw unreachable(access, printed);
  const manifests = new Map(
    readManifests(printed.stdout).flatMap((read) => (read.kind === 'whole' ? [[read.manifest.id, read.manifest]] : [])),
  );
  const ids = new Set(objects.map(({ path }) => path.split('/')[0] ?? '').filter((id) => momentOf(id) !== undefined));
  return [...ids]
    .sort()
    .reverse()
    .map((id): Dump => {
      const own = objects.filter(({ path }) => path.startsWith(`${id}/`));
      const manifest = manifests.get(id);
      const trouble = troubleOf(new Map(own.map(({ path, bytes }) => [path.slice(id.length + 1), bytes])), manifest);
      return {
        engine,
        id,
        bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
        ...(manifest !== undefined && { manifest }),
        ...(trouble !== undefined && { trouble }),
      };
    });
}

function troubleOf(files: ReadonlyMap<string, number>, manifest: DumpManifest | undefined): string | undefined {
  if (!files.has('manifest.json')) return 'not whole: it is being made, or it broke off';
  if (manifest === undefined) return 'its manifest cannot be read: another key, damage, or a newer ffops';
  for (const { name, file, bytes } of manifest.databases) {
    const found = files.get(file);
    if (found === undefined) return `not whole: the dump of ${name} is missing`;
    if (found !== bytes) return `damaged: the dump of ${name} has ${found} bytes of ${bytes}`;
  }
  const missing = filesBeside(manifest).filter((file) => !files.has(file));
  return missing.length === 0 ? undefined : `not whole: ${missing.join(', ')} missing`;
}

const causes: readonly (readonly [RegExp, string])[] = [
  [/NoSuchBucket|directory not found/i, 'The bucket is not there: `ffops apply --stack base` makes it.'],
  [
    /SignatureDoesNotMatch|InvalidAccessKeyId|AccessDenied|Forbidden|403/i,
    'The key is wrong: `ffops secrets set backups.accessKey` and `backups.secretKey`.',
  ],
  [
    /no such host|connection refused|timeout|dial tcp/i,
    'It does not answer: look at the connection, and at the status page of the cloud.',
  ],
];

function unreachable(access: rclone.BucketAccess, outcome: Parameters<typeof toolFailed>[2]): FailedError {
  const hints = causes.filter(([pattern]) => pattern.test(outcome.stderr)).map(([, hint]) => hint);
  return toolFailed('backup.bucket', `The bucket ${access.bucket} could not be read`, outcome, hints.slice(0, 1));
}
