/** PostgreSQL, for every app that does not insist on something else. */
import { databaseSystem } from '../database-server.ts';

export const postgres = databaseSystem('postgres', 'PostgreSQL');
