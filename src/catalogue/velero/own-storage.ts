/** Where there is no object storage: an S3 server beside Velero, whose files lie in a folder of the machine. */
import type { Contribution, SystemRequest } from '../../model/plugs.ts';
import { resourcesOf } from '../sizes.ts';
import { BACKUPS_ACCESS_KEY, BACKUPS_SECRET_KEY } from './keys.ts';

const NAME = 'object-storage';
const PORT = 9000;
/** What both servers say when nobody says anything. */
const REGION = 'us-east-1';
/** From the module's folder, `<root>/<environment>/stacks/<stack>`, to the workspace. */
const WORKSPACE = '../../../..';

export interface OwnStorage {
  readonly endpoint: string;
  readonly region: string;
  readonly release: string;
  readonly brings: Partial<Contribution>;
}

export function ownStorage(request: SystemRequest, folder: string, bucket: string): OwnStorage {
  const { environment, origins, namespace, stack } = request;
  const origin = origins.of('backups.enabled');
  return {
    endpoint: `http://${NAME}.${namespace}.svc:${PORT}`,
    region: REGION,
    release: NAME,
    brings: {
      variables: [
        {
          name: 'object_storage_folder',
          type: 'string',
          description: 'Folder of the machine that backups are kept in.',
          default: `${WORKSPACE}/${folder}`,
        },
      ],
      secrets: [
        {
          name: BACKUPS_ACCESS_KEY,
          description: 'Access key of the S3 server that keeps the backups.',
          supply: { kind: 'generated', length: 20, alphabet: 'alphanumeric' },
        },
        {
          name: BACKUPS_SECRET_KEY,
          description: 'Secret key beside it.',
          supply: { kind: 'generated', length: 40, alphabet: 'alphanumeric' },
        },
      ],
      kubernetesSecrets: [
        {
          namespace,
          name: NAME,
          stack,
          origin,
          data: { 'access-key': [{ secret: BACKUPS_ACCESS_KEY }], 'secret-key': [{ secret: BACKUPS_SECRET_KEY }] },
        },
      ],
      releases: [
        {
          name: NAME,
          namespace,
          entry: 'velero',
          chart: { kind: 'first-party', name: 'object-storage' },
          values: 'object-storage',
          context: {
            server: environment.backups.server ?? 'versitygw',
            bucket,
            secret: NAME,
            resources: resourcesOf(environment, { cpu: 20, memory: 64, memoryLimit: 512 }),
          },
          variables: ['object_storage_folder'],
          timeoutSeconds: 300,
          after: [],
          reads: [`${namespace}/${NAME}`],
          origin,
          workloads: true,
        },
      ],
    },
  };
}
