/** Where there is no object storage: an S3 server beside Velero, whose files lie in a folder of the machine. */
import type { Contribution, SystemRequest } from '../../model/plugs.ts';
import { SERVER } from '../backup-storage.ts';
import { DUMP_PODS } from '../dumps/entry.ts';
import { resourcesOf } from '../sizes.ts';
import { BACKUPS_ACCESS_KEY, BACKUPS_SECRET_KEY } from './keys.ts';

/** From the module's folder, `<root>/<environment>/stacks/<stack>`, to the workspace. */
const WORKSPACE = '../../../..';

export function ownStorage(request: SystemRequest, folder: string, bucket: string): Partial<Contribution> {
  const { environment, origins, namespace, stack } = request;
  const origin = origins.of('backups.enabled');
  return {
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
        name: SERVER.name,
        stack,
        origin,
        data: { 'access-key': [{ secret: BACKUPS_ACCESS_KEY }], 'secret-key': [{ secret: BACKUPS_SECRET_KEY }] },
      },
    ],
    releases: [
      {
        name: SERVER.name,
        namespace,
        entry: 'velero',
        chart: { kind: 'first-party', name: SERVER.name },
        values: 'object-storage',
        context: {
          server: environment.backups.server ?? 'versitygw',
          bucket,
          secret: SERVER.name,
          clients: [DUMP_PODS],
          resources: resourcesOf(environment, { cpu: 20, memory: 64, memoryLimit: 512 }),
        },
        variables: ['object_storage_folder'],
        timeoutSeconds: 300,
        after: [],
        reads: [`${namespace}/${SERVER.name}`],
        origin,
        workloads: true,
      },
    ],
  };
}
