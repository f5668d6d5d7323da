/** A shared database, as something that an app needs. */
import { AUTHORITY_KEY, databaseFor, PASSWORD_KEY, type DatabaseAccess, type DatabaseEngine } from './databases.ts';
import type { EntryRequest } from '../model/plugs.ts';
import type { Mount, Need, Variable } from './web-app.ts';

export interface NeededDatabase extends DatabaseAccess {
  readonly need: Need;
  /** The password, under the name that the app reads it by. */
  passwordAs(name: string): Variable;
  /** Lays the certificate of the authority at `authorityFile`. */
  readonly authorityMount: Mount;
  readonly authorityFile: string;
}

const FOLDER = '/etc/ffops/database';

export function databaseNeed(request: EntryRequest, engine: DatabaseEngine, id: string): NeededDatabase {
  const { namespace, stack, origins } = request;
  const access = databaseFor(engine, id);
  const secret = `${id}-database`;
  return {
    ...access,
    need: {
      pods: [{ ...access.pods, port: access.port }],
      reads: [`${namespace}/${secret}`],
      brings: {
        databases: [access.database],
        secrets: [access.password],
        namespaceLabels: access.namespaceLabels,
        kubernetesSecrets: [
          { namespace, name: secret, stack, origin: origins.of(`apps.${id}`), data: access.secretData },
        ],
      },
    },
    passwordAs: (name) => ({ name, secret, key: PASSWORD_KEY }),
    authorityMount: { path: FOLDER, secret },
    authorityFile: `${FOLDER}/${AUTHORITY_KEY}`,
  };
}
