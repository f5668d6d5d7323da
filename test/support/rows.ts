/** 100,000 rows in a database of each engine, what comes to them later, and one value for all that they are. */
import type { Product } from './product.ts';

export const ROWS = 100_000;

export interface Rows {
  readonly engine: 'postgres' | 'mariadb';
  /** Of the app of the same name. */
  readonly database: string;
  readonly fill: string;
  /** Adds, changes and removes rows, and makes a table. */
  readonly later: string;
  readonly checksum: string;
}

export const rows: readonly Rows[] = [
  {
    engine: 'postgres',
    database: 'n8n',
    fill: `create table customer as select i as id, md5(i::text) as name from generate_series(1, ${ROWS}) i;`,
    later: `insert into customer select i, 'later' from generate_series(200001, 200100) i; delete from customer where id < 10; update customer set name = 'changed' where id = 50; create table later(x int);`,
    checksum: `select count(*) || ' ' || md5(string_agg(id || name, ',' order by id)) || ' ' || (select count(*) from pg_tables where tablename = 'later') from customer;`,
  },
  {
    engine: 'mariadb',
    database: 'wordpress',
    fill: `create table customer as select seq as id, md5(seq) as name from seq_1_to_${ROWS};`,
    later: `insert into customer select seq, 'later' from seq_200001_to_200100; delete from customer where id < 10; update customer set name = 'changed' where id = 50; create table later(x int);`,
    checksum: `select concat(count(*), ' ', sum(crc32(concat(id, name))), ' ', bit_xor(crc32(concat(id, name))), ' ', (select count(*) from information_schema.tables where table_name = 'later')) from customer;`,
  },
];

/** As the administrator, in the pod of the server; what it prints. */
export async function sqlIn(product: Product, { engine, database }: Rows, statements: string): Promise<string> {
  const client =
    engine === 'postgres'
      ? ['psql', '-U', 'postgres', '-qAt', '-v', 'ON_ERROR_STOP=1', '-d', database]
      : ['sh', '-c', 'MYSQL_PWD=$MARIADB_ROOT_PASSWORD exec mariadb -u root -BN "$1"', 'sh', database];
  const args = ['exec', '-i', '-n', 'data', `${engine}-0`, '-c', engine, '--', ...client];
  return (await product.kubectl(args, statements)).trim();
}
