/**
 * Bytes that come back, on nodes that are real: 100,000 rows in PostgreSQL and in MariaDB, dumped by the pods of
 * charts/dumps into the bucket, changed, restored, drilled; and the databases by hand. Velero has no pods there, so the
 * files of volumes are another test's. Skipped, with the reason, where nodes cannot be real.
 */
import { expect } from 'chai';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupCreateResult } from '../../../src/usecases/backup-create.ts';
import type { DrillResult } from '../../../src/usecases/backup-drill.ts';
import type { BackupListResult } from '../../../src/usecases/backup-list.ts';
import type { RestoreResult } from '../../../src/usecases/backup-restore.ts';
import type { DatabaseListResult } from '../../../src/usecases/databases.ts';
import { openProduct, type Product } from '../../support/product.ts';
import { leanProduction, realNodesOrSkip, stopwatch } from '../../support/real-nodes.ts';

/** WordPress keeps its data in MariaDB, n8n in PostgreSQL; neither needs to run for it. */
const production = leanProduction(`ingress: { waf: off, replicas: 1 }
databases:
  postgres: { memory: 256Mi, storage: 2Gi }
  mariadb: { memory: 256Mi, storage: 2Gi }
apps:
  wordpress: {}
  n8n: {}
`);
const ROWS = 100_000;

interface Side {
  readonly engine: 'postgres' | 'mariadb';
  readonly database: string;
  readonly fill: string;
  /** What comes after the backup. */
  readonly later: string;
  /** One value for all that the table holds. */
  readonly checksum: string;
}

const sides: readonly Side[] = [
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

describe('backups of databases that really run', function () {
  this.bail(true);
  let product: Product;
  let took: ReturnType<typeof stopwatch>;
  /** Of each engine, when it was backed up. */
  const kept = new Map<string, string>();

  before(async function () {
    await realNodesOrSkip(this);
    product = openProduct(production);
    took = stopwatch();
  });
  after(() => product?.close());

  async function sql({ engine, database }: Side, statements: string): Promise<string> {
    const client =
      engine === 'postgres'
        ? ['psql', '-U', 'postgres', '-qAt', '-v', 'ON_ERROR_STOP=1', '-d', database]
        : ['sh', '-c', 'MYSQL_PWD=$MARIADB_ROOT_PASSWORD exec mariadb -u root -BN "$1"', 'sh', database];
    const args = ['exec', '-i', '-n', 'data', `${engine}-0`, '-c', engine, '--', ...client];
    return (await product.ffops(['kube', '--', ...args], 0, statements)).stdout.trim();
  }

  it('are made of 100,000 rows, and say how many bytes', async () => {
    await product.ffops(['sandbox', 'start', '--nodes', 'real']);
    await product.ffops(['apply', '--yes', '--stack', 'base', '--stack', 'cloud']);
    // Without infra, which the databases do not need.
    await product.ffops(['apply', '--yes', '--only', '--stack', 'data']);
    took('applied');
    for (const side of sides) {
      await sql(side, side.fill);
      kept.set(side.engine, await sql(side, side.checksum));
      expect(kept.get(side.engine)).to.match(new RegExp(`^${ROWS} .* 0$`));
      const { parts } = await product.result<BackupCreateResult>(['backup', 'create', side.engine]);
      expect(parts.map(({ part, state }) => `${part} ${state}`)).to.deep.equal([`${side.engine} complete`]);
      expect(parts[0]!.bytes).to.be.greaterThan(ROWS);
    }
    took('backed up');
    const { backups, troubles } = await product.result<BackupListResult>(['backup', 'list'], [0, 1]);
    expect(backups.map(({ what, of, state }) => `${what} ${of} ${state}`).sort()).to.deep.equal([
      'mariadb: wordpress fullfrontend-prod complete',
      'postgres: n8n, postgres fullfrontend-prod complete',
    ]);
    expect(troubles.map(({ message }) => message)).to.deep.equal(['Velero is not installed in this cluster.']);
  });

  it('bring the rows back as they were, and nothing of what came later', async () => {
    for (const side of sides) {
      await sql(side, side.later);
      expect(await sql(side, side.checksum)).not.to.equal(kept.get(side.engine));
      const { backups } = await product.result<BackupListResult>(['backup', 'list'], [0, 1]);
      const from = backups.find(({ what }) => what.startsWith(side.engine))!.id;
      const args = ['backup', 'restore', side.engine, '--from', from, '--yes'];
      const { verdict, databases, bytes } = await product.result<RestoreResult>(args);
      expect({ verdict, bytes }).to.deep.equal({ verdict: 'done', bytes: undefined });
      const own = databases.find(({ database }) => database === side.database)!;
      expect(own).to.deep.include({ rows: ROWS, differences: [] });
      expect(await sql(side, side.checksum)).to.equal(kept.get(side.engine));
      took(`${side.engine} restored`);
    }
  });

  it('are drilled without touching what is there', async () => {
    for (const side of sides) {
      const { verdict, parts } = await product.result<DrillResult>(['backup', 'drill', side.engine]);
      expect({ verdict, state: parts[0]!.state }).to.deep.equal({ verdict: 'done', state: 'verified' });
      expect(parts[0]!.compared).to.be.at.least(ROWS);
      expect(await sql(side, side.checksum)).to.equal(kept.get(side.engine));
    }
    took('drilled');
  });

  it('are there by hand too: listed, dumped to a file, restored from it, asked', async () => {
    const { databases } = await product.result<DatabaseListResult>(['db', 'list']);
    for (const side of sides) {
      const listed = databases.find(({ name }) => name === side.database)!;
      expect(listed).to.include({ engine: side.engine, app: side.database, owner: side.database });
      expect(listed.bytes).to.be.greaterThan(1_000_000);
      const file = `${side.database}.dump`;
      await product.ffops(['db', 'dump', side.database, '--file', file]);
      expect(statSync(join(product.folder, file)).size).to.be.greaterThan(ROWS);
      await sql(side, 'drop table customer;');
      await product.ffops(['db', 'restore', side.database, '--file', file], 6);
      await product.ffops(['db', 'restore', side.database, '--file', file, '--allow-data-loss', side.database]);
      expect(await sql(side, side.checksum)).to.equal(kept.get(side.engine));
      const shell = await product.ffops(['db', 'shell', side.database], 0, 'select count(*) from customer;\n');
      expect(shell.stdout).to.include(String(ROWS));
    }
    took('by hand');
  });
});
