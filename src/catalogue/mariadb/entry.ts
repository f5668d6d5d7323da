/** MariaDB, for apps that speak nothing else. */
import { databaseSystem } from '../database-server.ts';

export const mariadb = databaseSystem('mariadb', 'MariaDB');
