/** How a person deletes a database for good: ffops itself never does. */
import type { Database } from './blueprint.ts';

/** In the pod of the server, where its own superuser needs no password. */
export function dropDatabase(environment: string, { engine, name }: Pick<Database, 'engine' | 'name'>): string {
  const pod = `ffops kube -e ${environment} -- exec --namespace data ${engine}-0 --`;
  return engine === 'postgres'
    ? `${pod} dropdb --username postgres --force ${name}`
    : `${pod} mariadb-admin --user=mysql --force drop ${name}`;
}
