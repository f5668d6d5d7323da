/** MariaDB, for apps that speak nothing else. */
import { databaseSystem } from '../database-server.ts';

export const mariadb = databaseSystem({
  engine: 'mariadb',
  title: 'MariaDB',
  product: 'MariaDB',
  images: {
    '11.4': 'docker.io/library/mariadb:11.4.12-noble',
    '11.8': 'docker.io/library/mariadb:11.8.8-noble',
  },
});
