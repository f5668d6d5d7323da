/** MariaDB, for apps that speak nothing else. */
import { databaseImages } from '../database-images.ts';
import { databaseSystem } from '../database-server.ts';

export const mariadb = databaseSystem({
  engine: 'mariadb',
  title: 'MariaDB',
  product: 'MariaDB',
  images: databaseImages.mariadb,
});
