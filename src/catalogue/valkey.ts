/** A Valkey of an app's own, for its queue: in its namespace, before it, and reached by nobody else. */
import type { Environment } from '../model/environment.ts';
import type { EntryRequest } from '../model/plugs.ts';
import { resourcesOf, sized, type Resources } from './sizes.ts';
import type { Need } from './web-app.ts';

const PORT = 6379;
const USER = 'default';
export const VALKEY: Resources = { cpu: 20, memory: 64, memoryLimit: 256 };
const STORAGE = '1Gi';
/** What `app add` counts. */
export const VALKEY_GI = 1;
/** In the Secret of the app. */
export const VALKEY_PASSWORD_KEY = 'valkey-password';
export const VALKEY_URL_KEY = 'valkey-url';

export interface AppValkey {
  readonly host: string;
  readonly port: number;
  readonly need: Need;
}

export function valkeyFor(request: EntryRequest, id: string): AppValkey {
  const { environment, offer, origins, namespace, stack } = request;
  const release = `${id}-valkey`;
  const password = `${id}.valkeyPassword`;
  const origin = origins.of(`apps.${id}`);
  return {
    host: release,
    port: PORT,
    need: {
      pods: [{ namespace, labels: { 'app.kubernetes.io/instance': release }, port: PORT }],
      after: [release],
      secret: {
        [VALKEY_PASSWORD_KEY]: [{ secret: password }],
        [VALKEY_URL_KEY]: [{ text: `redis://${USER}:` }, { secret: password }, { text: `@${release}:${PORT}` }],
      },
      brings: {
        secrets: [
          {
            name: password,
            description: `What ${id} opens its Valkey with.`,
            supply: { kind: 'generated', length: 32, alphabet: 'alphanumeric' },
          },
        ],
        kubernetesSecrets: [
          {
            namespace,
            name: release,
            stack,
            origin,
            data: { 'users.acl': [{ text: `user ${USER} on ~* &* +@all >` }, { secret: password }, { text: '\n' }] },
          },
        ],
        volumes: [{ name: release, namespace, release, size: STORAGE, owner: id, fileBackup: false }],
        releases: [
          {
            name: release,
            namespace,
            entry: id,
            chart: { kind: 'first-party', name: 'valkey' },
            values: 'valkey',
            context: {
              volume: release,
              storage: STORAGE,
              storageClass: offer.storageClass ?? null,
              secret: release,
              clients: { 'app.kubernetes.io/instance': id },
              maxMemory: `${maxMemory(environment)}mb`,
              resources: resourcesOf(environment, VALKEY),
            },
            timeoutSeconds: 300,
            after: [],
            reads: [`${namespace}/${release}`],
            origin,
            holdsData: { name: release, what: `what waits in the queue of ${id}` },
            workloads: true,
          },
        ],
      },
    },
  };
}

/** Half of what it may use: writing its file anew wants as much again. */
function maxMemory(environment: Environment): number {
  return sized(environment, VALKEY).memoryLimit / 2;
}
