/** Backups: objects and the files of volumes, every night, to object storage. */
import { z } from 'zod';
import { BACKUP_OF, backupOwner } from '../../model/backup-label.ts';
import type { BackupStorage } from '../../model/blueprint.ts';
import { cronOf } from '../../model/formats.ts';
import type { Contribution, ObjectStorage, SystemEntry, SystemRequest } from '../../model/plugs.ts';
import { backupStorage } from '../backup-storage.ts';
import { PROMETHEUS_CRDS } from '../prometheus-crds/entry.ts';
import { together } from '../web-app.ts';
import { BACKUPS_ACCESS_KEY, BACKUPS_SECRET_KEY } from './keys.ts';
import { ownStorage } from './own-storage.ts';

const VELERO = 'velero';
const PLUGIN_IMAGE = 'docker.io/velero/velero-plugin-for-aws:v1.14.3';
const CREDENTIALS = 'velero-credentials';
/** The name that Velero looks for: the key that its file backups are encrypted with. Left to itself it uses a well-known one. */
const REPOSITORY_CREDENTIALS = 'velero-repo-credentials';
const REPOSITORY_PASSWORD = 'velero.repositoryPassword';
/** In the bucket of the backups, beside the dumps of databases. */
export const VELERO_PREFIX = 'velero';
const SCHEDULE = 'daily';
/** Of everything that people would miss; Helm puts the release before the schedule's own name. */
export const NIGHTLY_BACKUP = `${VELERO}-${SCHEDULE}`;

export const velero: SystemEntry = {
  id: VELERO,
  kind: 'system',
  title: 'Velero, backups',
  home: 'infra',
  options: z.strictObject({}),
  wanted: (environment) => environment.backups.enabled,
  contribute: (request): Contribution => {
    const storage = backupStorage(request);
    if (storage === undefined) return { releases: [] };
    return { ...together(placeFor(request, storage), backups(request, storage)), backupStorage: storage };
  },
};

function placeFor(request: SystemRequest, { bucket }: BackupStorage): Partial<Contribution> {
  const { objectStorage, dataFolder } = request.offer;
  if (objectStorage !== undefined) return inTheCloud(request, objectStorage, bucket);
  return dataFolder === undefined ? {} : ownStorage(request, dataFolder, bucket);
}

/** A bucket and its key, which a person makes. */
function inTheCloud(
  { environment, origins }: SystemRequest,
  storage: ObjectStorage,
  bucket: string,
): Partial<Contribution> {
  const supply = { kind: 'asked', help: storage.keyHelp(bucket) } as const;
  return {
    buckets: [
      {
        name: bucket,
        purpose: 'backups',
        keepVersionsDays: environment.backups.retentionDays,
        origin: origins.of('backups.enabled'),
      },
    ],
    secrets: [
      {
        name: BACKUPS_ACCESS_KEY,
        description: 'Access key that Velero writes backups with; it lies in the cluster.',
        supply,
      },
      {
        name: BACKUPS_SECRET_KEY,
        description: 'Secret key beside it, shown once when the access key is made.',
        supply,
      },
    ],
  };
}

function backups(request: SystemRequest, { endpoint, region, bucket, service }: BackupStorage): Contribution {
  const { environment, origins, context, namespace, stack, dataNamespaces } = request;
  const origin = origins.of('backups.enabled');
  const cron = cronOf(environment.backups.schedule);
  return {
    variables: [
      {
        name: 'velero_s3_url',
        type: 'string',
        description: 'Object storage that backups go to, as pods of the cluster reach it.',
        default: endpoint,
      },
    ],
    secrets: [
      {
        name: REPOSITORY_PASSWORD,
        description: 'Encrypts the files of volumes in backups. Without it they cannot be restored.',
        supply: { kind: 'generated', length: 40, alphabet: 'alphanumeric' },
        neverRotates: 'the file backups that are there could not be restored any more',
      },
    ],
    kubernetesSecrets: [
      {
        namespace,
        name: CREDENTIALS,
        stack,
        origin,
        data: {
          cloud: [
            { text: '[default]\naws_access_key_id=' },
            { secret: BACKUPS_ACCESS_KEY },
            { text: '\naws_secret_access_key=' },
            { secret: BACKUPS_SECRET_KEY },
            { text: '\n' },
          ],
        },
      },
      {
        namespace,
        name: REPOSITORY_CREDENTIALS,
        stack,
        origin,
        data: { 'repository-password': [{ secret: REPOSITORY_PASSWORD }] },
      },
    ],
    schedules:
      dataNamespaces.length === 0
        ? []
        : [
            {
              name: NIGHTLY_BACKUP,
              cron,
              namespaces: dataNamespaces,
              retentionDays: environment.backups.retentionDays,
            },
          ],
    releases: [
      {
        name: VELERO,
        namespace,
        entry: VELERO,
        chart: { kind: 'upstream', name: 'velero' },
        values: 'velero',
        context: {
          pluginImage: PLUGIN_IMAGE,
          credentials: CREDENTIALS,
          bucket,
          prefix: VELERO_PREFIX,
          region,
          schedule: SCHEDULE,
          cron,
          ttl: `${environment.backups.retentionDays * 24}h0m0s`,
          namespaces: dataNamespaces,
          labels: { [BACKUP_OF]: backupOwner(context) },
          scheduled: dataNamespaces.length > 0,
          metrics: environment.metrics.enabled,
        },
        variables: ['velero_s3_url'],
        timeoutSeconds: 600,
        after: [PROMETHEUS_CRDS, ...(service === undefined ? [] : [service.name])],
        reads: [`${namespace}/${CREDENTIALS}`, `${namespace}/${REPOSITORY_CREDENTIALS}`],
        origin,
        workloads: true,
      },
    ],
  };
}
