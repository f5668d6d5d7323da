/** The images of the databases, pinned, by every version that an environment may ask for. */
import type { DatabaseEngine } from './databases.ts';

/** The Debian release is part of the pin: another one would sort text in another order. */
export const databaseImages: Readonly<Record<DatabaseEngine, Readonly<Record<string, string>>>> = {
  postgres: {
    '17': 'docker.io/library/postgres:17.9-trixie',
    '18': 'docker.io/library/postgres:18.3-trixie',
  },
  mariadb: {
    '11.4': 'docker.io/library/mariadb:11.4.12-noble',
    '11.8': 'docker.io/library/mariadb:11.8.8-noble',
  },
};
