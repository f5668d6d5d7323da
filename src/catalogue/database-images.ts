/** The images of the databases, pinned, by every version that an environment may ask for. */
import type { Environment } from '../model/environment.ts';
import type { DatabaseEngine } from './databases.ts';

type Images = {
  readonly [Engine in DatabaseEngine]: Readonly<Record<Environment['databases'][Engine]['version'], string>>;
};

/** The Debian release is part of the pin: another one would sort text in another order. */
export const databaseImages: Images = {
  postgres: {
    '17': 'docker.io/library/postgres:17.9-trixie',
    '18': 'docker.io/library/postgres:18.3-trixie',
  },
  mariadb: {
    '11.4': 'docker.io/library/mariadb:11.4.12-noble',
    '11.8': 'docker.io/library/mariadb:11.8.8-noble',
  },
};

/** Of the version that the environment asks for. */
export function imageOf({ databases }: Environment, engine: DatabaseEngine): string {
  return engine === 'postgres'
    ? databaseImages.postgres[databases.postgres.version]
    : databaseImages.mariadb[databases.mariadb.version];
}
