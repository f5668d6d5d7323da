/** Dumps of databases, every night: what a database is restored from, since a copy of its files guarantees nothing. */
import { z } from 'zod';
import { backupOwner } from '../../model/backup-label.ts';
import { cronOf } from '../../model/formats.ts';
import type { Contribution, SystemEntry } from '../../model/plugs.ts';
import { backupStorage } from '../backup-storage.ts';
import { imageOf } from '../database-images.ts';
import { AUTHORITY_KEY, DATABASES_NAMESPACE, PASSWORD_KEY, servers, type DatabaseEngine } from '../databases.ts';
import { BACKUPS_ACCESS_KEY, BACKUPS_SECRET_KEY } from '../velero/keys.ts';

const DUMPS = 'dumps';
const STORE_SECRET = 'dumps-store';
/** Whoever reads the environment's secrets opens its dumps, and nobody else does. */
export const DUMPS_KEY = 'backups.dumpsKey';
/** Beside Velero's own prefix in the bucket of the backups. */
export const DUMPS_PREFIX = 'dumps';

/** Whose pods bring dumps to the object storage: for a server's policy that lets them in. */
export const DUMP_PODS = { namespace: DATABASES_NAMESPACE, labels: { 'app.kubernetes.io/name': DUMPS } } as const;

/** Which jobs the chart makes for an engine; the age of the last good dump is known by the first one's name. */
export function jobsOf(engine: DatabaseEngine): { readonly dump: string; readonly restore: string } {
  return { dump: `${engine}-dump`, restore: `${engine}-restore` };
}

export const dumps: SystemEntry = {
  id: DUMPS,
  kind: 'system',
  title: 'Dumps of databases',
  home: 'data',
  options: z.strictObject({}),
  wanted: (environment, needs) => environment.backups.enabled && needs.databases.length > 0,
  contribute: (request): Contribution => {
    const { environment, origins, context, namespace, stack, needs } = request;
    const storage = backupStorage(request);
    if (storage === undefined) return { releases: [] };
    const origin = origins.of('backups.enabled');
    const wanted = new Set(needs.databases.map(({ engine }) => engine));
    const engines = (Object.keys(servers) as DatabaseEngine[]).filter((engine) => wanted.has(engine)).sort();
    const cron = cronOf(environment.backups.schedule);
    const { retentionDays } = environment.backups;
    return {
      variables: [
        {
          name: 'dumps_s3_url',
          type: 'string',
          description: 'Object storage that dumps go to, as pods of the cluster reach it.',
          default: storage.endpoint,
        },
      ],
      secrets: [
        {
          name: DUMPS_KEY,
          description: 'Encrypts the dumps of databases. Without it they cannot be restored.',
          supply: { kind: 'generated', length: 40, alphabet: 'alphanumeric' },
          neverRotates: 'the dumps that exist can be opened with nothing else',
        },
      ],
      kubernetesSecrets: [
        {
          namespace,
          name: STORE_SECRET,
          stack,
          origin,
          data: {
            accessKey: [{ secret: BACKUPS_ACCESS_KEY }],
            secretKey: [{ secret: BACKUPS_SECRET_KEY }],
            dumpsKey: [{ secret: DUMPS_KEY }],
          },
        },
      ],
      schedules: engines.map((engine) => ({
        name: jobsOf(engine).dump,
        cron,
        namespaces: [namespace],
        retentionDays,
      })),
      releases: [
        {
          name: DUMPS,
          namespace,
          entry: DUMPS,
          chart: { kind: 'first-party', name: DUMPS },
          values: DUMPS,
          context: {
            engines: engines.map((engine) => engineContext(engine, imageOf(environment, engine))),
            environment: backupOwner(context),
            cron,
            retentionDays,
            region: storage.region,
            bucket: storage.bucket,
            prefix: DUMPS_PREFIX,
            storeSecret: STORE_SECRET,
          },
          variables: ['dumps_s3_url'],
          timeoutSeconds: 300,
          after: engines,
          reads: [
            `${namespace}/${STORE_SECRET}`,
            ...engines.map((engine) => `${namespace}/${servers[engine].administrator.kubernetesSecret}`),
          ],
          origin,
          // Jobs come and go: nothing of it is waited for.
          workloads: false,
        },
      ],
    };
  },
};

function engineContext(engine: DatabaseEngine, image: string) {
  const { host, administrator, certificate, clientLabels } = servers[engine];
  return {
    engine,
    image,
    host,
    user: administrator.user,
    secret: administrator.kubernetesSecret,
    key: PASSWORD_KEY,
    certificate: certificate.kubernetesSecret,
    authorityKey: AUTHORITY_KEY,
    clientLabels,
  };
}
