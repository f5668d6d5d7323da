/** PostgreSQL, for every app that does not insist on something else. */
import { databaseSystem } from '../database-server.ts';

export const postgres = databaseSystem({
  engine: 'postgres',
  title: 'PostgreSQL',
  product: 'PostgreSQL',
  // The Debian release is part of the pin: another one would sort text in another order.
  images: {
    17: 'docker.io/library/postgres:17.9-trixie',
    18: 'docker.io/library/postgres:18.3-trixie',
  },
});
