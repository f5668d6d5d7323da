/** PostgreSQL, for every app that does not insist on something else. */
import { databaseImages } from '../database-images.ts';
import { databaseSystem } from '../database-server.ts';

export const postgres = databaseSystem({
  engine: 'postgres',
  title: 'PostgreSQL',
  product: 'PostgreSQL',
  images: databaseImages.postgres,
});
