/**
 * The scripts of charts/dumps against a real PostgreSQL and a real MariaDB, with the real rclone and a real S3 server: what
 * comes back is what was there, and what is not whole is never taken for a backup.
 */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChartServer, type ChartServer } from '../../support/chart-servers.ts';
import { projectRoot } from '../../support/cli.ts';
import { contentBelow, openDumpBench, type DumpBench } from '../../support/dump-scripts.ts';
import { runTool, toolOrSkip } from '../../support/tools.ts';
import { tempFolder } from '../../support/temp.ts';
import { MARIADB_WEIRD, mariadbSeed, postgresSeed, WEIRD } from './fixtures.ts';

interface Manifest {
  readonly engine: string;
  readonly environment: string;
  readonly id: string;
  readonly databases: readonly {
    readonly name: string;
    readonly file: string;
    readonly size: number;
    readonly bytes: number;
    readonly sha256: string;
    readonly tables: Readonly<Record<string, number>>;
    readonly largeObjects?: number;
  }[];
}

/** What charts/dumps reaches MariaDB with. */
const mariadbScript = join(projectRoot, 'charts/dumps/files/mariadb.sh');
const storeScript = join(projectRoot, 'charts/dumps/files/store.sh');
const DUMP_ALL = '--routines --events --triggers --hex-blob --skip-dump-date';

/** What is wrong stays wrong: no second try. */
const ONCE = { RCLONE_RETRIES: '1', RCLONE_LOW_LEVEL_RETRIES: '1' };

const FIRST = '20261128T010000Z';
const SECOND = '20261128T020000Z';

for (const engine of ['postgres', 'mariadb'] as const) {
  describe(`dumps of ${engine}`, function () {
    this.timeout(300_000);
    const folder = tempFolder();
    let server: ChartServer;
    let bench: DumpBench;
    /** What everything was like at the first dump. */
    let first: Readonly<Record<string, string>>;
    const databases = engine === 'postgres' ? ['shop', WEIRD] : ['shop', MARIADB_WEIRD, 'plain'];

    before(async function () {
      const tools = { rclone: await toolOrSkip(this, 'rclone'), versitygw: await toolOrSkip(this, 'versitygw') };
      server = await startChartServer(this, engine, folder.path, { loud: false });
      bench = await openDumpBench(folder.path, tools);
      await sql(engine === 'postgres' ? postgresSeed : mariadbSeed);
    });
    after(async () => {
      await bench?.close();
      await server?.stop();
      folder.remove();
    });

    /** Rows as text. */
    async function sql(statements: string, database?: string): Promise<string> {
      const { exitCode, stdout, stderr } = await server.admin(statements, database);
      if (exitCode !== 0) throw new Error(stderr);
      return stdout;
    }

    const manifestOf = async (id: string): Promise<Manifest> => (await bench.manifest(engine, id)) as Manifest;

    /** Everything in a database, as its own tools write it down: schema, rows, large objects, triggers, owners. */
    async function checksum(name: string): Promise<string> {
      const env = { ...server.client, PATH: `${server.client['PATH']}:${process.env['PATH'] ?? ''}` };
      const text =
        engine === 'postgres'
          ? await runTool('pg_dump', ['--dbname', `dbname='${name.replace(/[\\']/g, '\\$&')}'`], {
              cwd: folder.path,
              env,
            })
          : await runTool('sh', ['-c', `. "$0"; exec mariadb-dump $options ${DUMP_ALL} -- "$1"`, mariadbScript, name], {
              cwd: folder.path,
              env,
            });
      // Newer releases of pg_dump put a word made up at random here.
      return createHash('sha256')
        .update(text.replace(/^\\(un)?restrict .*$/gm, ''))
        .digest('hex');
    }

    async function checksums(): Promise<Record<string, string>> {
      const sums: Record<string, string> = {};
      for (const name of databases) sums[name] = await checksum(name);
      return sums;
    }

    async function targets(id: string, names: readonly string[] = databases): Promise<[string, string][]> {
      const manifest = await manifestOf(id);
      return names.map((name) => [manifest.databases.find((one) => one.name === name)!.file.slice(0, 3), name]);
    }

    it('are whole, counted, and say whose they are', async () => {
      first = await checksums();
      const { dump, store } = await bench.dump(server, { id: FIRST });
      expect([dump.exitCode, store.exitCode], dump.stderr + store.stderr).to.deep.equal([0, 0]);
      const manifest = await manifestOf(FIRST);
      expect(manifest).to.include({ engine, environment: 'shop-prod', id: FIRST });
      expect(manifest.databases.map(({ name }) => name)).to.include.members(databases);
      const shop = manifest.databases.find(({ name }) => name === 'shop')!;
      expect(shop.tables).to.deep.equal(
        engine === 'postgres'
          ? { '"Sp ace"."Ta""b le"': 2, 'public.customer': 20_000, 'public.parted_low': 2 }
          : { customer: 20_000, empty: 0, 'we`ird "t\\': 3 },
      );
      if (engine === 'postgres') expect(shop.largeObjects).to.equal(2);
      expect(shop.bytes).to.be.greaterThan(50_000);
      // MariaDB's is what its statistics say, and they lag behind.
      expect(shop.size).to.be.greaterThan(engine === 'postgres' ? 1_000_000 : 0);
    });

    it('are encrypted, manifest included, and hold no password of a role', async () => {
      const stored = contentBelow(bench.bucketFolder);
      expect(stored.length).to.be.greaterThan(5);
      for (const content of stored) expect(content.includes('customer') || content.includes('shop')).to.equal(false);
      const globals = await bench.rclone(
        'copyto',
        `dumps:${engine}/${FIRST}/globals.sql.zst`,
        join(folder.path, 'globals.zst'),
      );
      expect(globals.exitCode, globals.stderr).to.equal(0);
      const text = await runTool('zstd', ['-dc', join(folder.path, 'globals.zst')], { cwd: folder.path });
      expect(text).to.match(/shop/);
      expect(text).not.to.match(/PASSWORD '(?!'|invalid)/i);
    });

    it('bring back what was there, and nothing of what came later; roles keep the password of today', async () => {
      const rotated =
        engine === 'postgres' ? `alter role shop password 'two';` : `alter user shop@'%' identified by 'two';`;
      const passwordOf =
        engine === 'postgres'
          ? `select rolpassword from pg_authid where rolname = 'shop';`
          : `select json_value(priv, '$.authentication_string') from mysql.global_priv where user = 'shop';`;
      await sql(rotated);
      const password = await sql(passwordOf);
      await sql(`insert into customer(name) values ('later'); drop view names;`, 'shop');
      await sql(engine === 'postgres' ? 'drop database "We\'ird \\ ""näme"" `";' : 'drop database plain;');
      const fetched = await bench.fetch(server, FIRST);
      expect(fetched.exitCode, fetched.stderr).to.equal(0);
      const outcome = await fetched.restore(await targets(FIRST));
      expect(outcome.exitCode, outcome.stderr).to.equal(0);
      expect(await checksums()).to.deep.equal(first);
      expect(await sql(passwordOf)).to.equal(password);
      const manifest = await manifestOf(FIRST);
      for (const { name, tables, largeObjects } of outcome.restored) {
        const wanted = manifest.databases.find((one) => one.name === name)!;
        expect([tables, largeObjects], name).to.deep.equal([wanted.tables, wanted.largeObjects]);
      }
    });

    it('bring back a role that owns things and no longer exists, and let nobody in with it', async () => {
      await sql(
        engine === 'postgres'
          ? `drop database shop; drop owned by shop cascade; drop role shop;`
          : `drop database shop; drop user shop@'%'; drop role reader;`,
      );
      const outcome = await (await bench.fetch(server, FIRST)).restore(await targets(FIRST, ['shop']));
      expect(outcome.exitCode, outcome.stderr).to.equal(0);
      expect(await checksum('shop')).to.equal(first['shop']);
      expect(
        await sql(
          engine === 'postgres'
            ? `select rolcanlogin, rolpassword is null from pg_authid where rolname = 'shop';`
            : `select json_value(priv, '$.authentication_string') from mysql.global_priv where user = 'shop';`,
        ),
      ).to.equal(engine === 'postgres' ? 't|t\n' : 'invalid\n');
    });

    it('can be tried: everything is counted, nothing is changed, nothing stays', async () => {
      const fetched = await bench.fetch(server, FIRST);
      await sql(`insert into customer(name) values ('present');`, 'shop');
      const present = await checksum('shop');
      const outcome = await fetched.restore(await targets(FIRST), { TRIAL: 'yes' });
      expect(outcome.exitCode, outcome.stderr).to.equal(0);
      expect(outcome.restored.map(({ name }) => name)).to.deep.equal(databases);
      expect(Object.values(outcome.restored[0]!.tables)).to.include(20_000);
      expect(await checksum('shop')).to.equal(present);
      const all =
        engine === 'postgres'
          ? `select datname from pg_database;`
          : `select schema_name from information_schema.schemata;`;
      expect(await sql(all)).not.to.match(/ffops_/);
    });

    it('leave the previous one valid when the server dies in the middle', async () => {
      const shared = mkdtempSync(join(folder.path, 'watched-'));
      const { databases: all } = await manifestOf(FIRST);
      const biggest = all.find(({ name }) => name === 'shop')!.file;
      const killed = eventually(() => existsSync(join(shared, `stream.${biggest}`))).then(() => server.kill());
      const { dump, store } = await bench.dump(server, { id: SECOND, variables: { EXCHANGE: shared } });
      await killed;
      expect(dump.exitCode, dump.stderr).not.to.equal(0);
      expect(store.exitCode, store.stderr).not.to.equal(0);
      await server.restart();
      expect(await bench.list(engine)).to.deep.equal([FIRST]);
      const fetched = await bench.fetch(server, FIRST);
      expect(fetched.exitCode, fetched.stderr).to.equal(0);
    });

    it('are put back from the beginning when the server dies while they are', async () => {
      const fetched = await bench.fetch(server, FIRST);
      const names = await targets(FIRST, ['shop']);
      const broken = fetched.restore(names);
      await eventually(async () =>
        /restoring|customer/.test(
          await sql(
            engine === 'postgres'
              ? `select datname from pg_database where datname like 'ffops_%';`
              : `select table_name from information_schema.tables where table_schema = 'shop' and table_name <> 'x';`,
          ),
        ),
      );
      await server.kill();
      const outcome = await broken;
      expect(outcome.exitCode, outcome.stderr).not.to.equal(0);
      await server.restart();
      // PostgreSQL still has the one that was to be replaced, with the row that came later.
      if (engine === 'postgres')
        expect(await sql(`select count(*) from customer where name = 'present';`, 'shop')).to.equal('1\n');
      const again = await (await bench.fetch(server, FIRST)).restore(names);
      expect(again.exitCode, again.stderr).to.equal(0);
      expect(await checksum('shop')).to.equal(first['shop']);
    });

    it('are refused when a bit is flipped, or the end is missing', async () => {
      const { databases: all } = await manifestOf(FIRST);
      const { file } = all.find(({ name }) => name === 'shop')!;
      const path = join(bench.bucketFolder, 'dumps', engine, FIRST, file);
      const whole = readFileSync(path);
      const flipped = Buffer.from(whole);
      flipped[Math.floor(whole.length / 2)]! ^= 1;
      writeFileSync(path, flipped);
      const damaged = await bench.fetch(server, FIRST, ONCE);
      expect(damaged.exitCode).to.equal(1);
      expect(damaged.stderr).to.include(`${file} of ${FIRST} is`);
      writeFileSync(path, whole);
      // At the end of an encrypted block: what is left opens without an error.
      truncateSync(path, 32 + 65_552);
      const cut = await bench.fetch(server, FIRST, ONCE);
      expect(cut.exitCode).to.equal(1);
      expect(cut.stderr).to.include(`${file} of ${FIRST} is`);
      writeFileSync(path, whole);
      expect((await bench.fetch(server, FIRST)).exitCode).to.equal(0);
    });

    it('are refused with another key, and when there is no whole one', async () => {
      const another = await bench.fetch(server, FIRST, { ...ONCE, DUMPS_KEY: 'another key' });
      expect(another.exitCode).to.equal(1);
      expect(another.stderr).to.match(/no whole backup|another one/);
      expect((await bench.fetch(server, '20200101T000000Z', ONCE)).exitCode).to.equal(1);
    });

    it('say that there is no room for them where they are fetched to', async function () {
      if (process.getuid?.() !== 0) this.skip();
      const exchange = mkdtempSync(join(folder.path, 'small-'));
      const script = 'mount -t tmpfs -o size=64k none "$EXCHANGE" && sh "$0" fetch 2>&1 || :';
      const text = await runTool('unshare', ['--mount', 'sh', '-c', script, storeScript], {
        cwd: folder.path,
        env: { ...bench.remote, ...ONCE, EXCHANGE: exchange, DUMPS: `dumps:${engine}`, ID: FIRST },
      });
      expect(text, text).to.match(/there is no room for \d{3}\.(dump|sql)\.zst/);
    });

    it('fail, and say so, without the right key of the bucket, without the bucket, and without a store', async () => {
      const wrongs: readonly Readonly<Record<string, string>>[] = [
        { RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY: 'wrong' },
        { RCLONE_CONFIG_DUMPS_REMOTE: 'bucket:nobody-made-this/dumps' },
        { RCLONE_CONFIG_BUCKET_ENDPOINT: 'http://127.0.0.1:9' },
      ];
      for (const variables of wrongs) {
        const { dump, store } = await bench.dump(server, {
          id: SECOND,
          variables: { ...ONCE, ...variables },
        });
        expect(dump.exitCode, dump.stderr).to.equal(1);
        expect(dump.stderr).to.include('could not be stored');
        expect(store.exitCode).to.equal(1);
        expect(store.stderr, store.stderr).to.match(/SignatureDoesNotMatch|Forbidden|NoSuchBucket|connection refused/i);
      }
      expect(await bench.list(engine)).to.deep.equal([FIRST]);
    });

    // Only store.sh knows of that, and it sees files: whose they are makes no difference to it.
    if (engine === 'postgres') {
      it('go when they are older than the retention, but never the last whole one', async () => {
        // Ten dumps of nothing tell as much of that as ten of everything.
        for (const name of databases) await sql(`drop database "${name.replaceAll('"', '""')}";`);
        const day = (count: number): Date => new Date(Date.parse('2026-11-28T03:00:00Z') + count * 86_400_000);
        const idOf = (date: Date): string => date.toISOString().replace(/[-:]|\.\d{3}/g, '');
        const keep = async (date: Date, variables: Record<string, string> = {}) =>
          bench.dump(server, { id: idOf(date), now: date, retentionDays: 30, variables });
        // A rest of a run that was killed, a day and a half before the next one.
        mkdirSync(join(bench.bucketFolder, 'dumps', engine, '20261227T150000Z'), { recursive: true });
        await bench.rclone(
          'copyto',
          `dumps:${engine}/${FIRST}/001.dump.zst`,
          `dumps:${engine}/20261227T150000Z/001.dump.zst`,
        );
        expect((await keep(day(1))).store.exitCode).to.equal(0);
        expect(await bench.list(engine), 'everything is young').to.deep.equal([
          FIRST,
          idOf(day(1)),
          '20261227T150000Z',
        ]);
        // Another environment, whose bucket this became too.
        const theirs = idOf(day(2));
        expect((await keep(day(2), { ENVIRONMENT: 'shop-staging' })).store.exitCode).to.equal(0);
        expect((await keep(day(31))).store.exitCode).to.equal(0);
        expect(await bench.list(engine), '30 days are over for the first').to.deep.equal([
          ...[idOf(day(1)), theirs, idOf(day(31))],
        ]);
        // Nothing for three months, and then a dump that fails: what is there is all there is.
        const failed = await keep(day(120), {
          RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY: 'wrong',
          ...ONCE,
        });
        expect(failed.store.exitCode).to.equal(1);
        expect(await bench.list(engine)).to.deep.equal([idOf(day(1)), theirs, idOf(day(31))]);
        // The bucket does not answer when it is asked what there is: that is no reason to take anything away.
        const unasked = await bench.dump(server, {
          id: idOf(day(121)),
          now: day(121),
          retentionDays: 30,
          failing: 'lsf',
        });
        expect([unasked.dump.exitCode, unasked.store.exitCode], unasked.store.stderr).to.deep.equal([0, 0]);
        expect(unasked.store.stderr).to.include('could not look for what has expired');
        expect(await bench.list(engine)).to.deep.equal([idOf(day(1)), theirs, idOf(day(31)), idOf(day(121))]);
        // A clock that went back, as after a dead battery: the newest whole one is from its future.
        expect((await keep(day(-400))).store.exitCode).to.equal(0);
        expect(await bench.list(engine)).to.include(idOf(day(121)));
        const last = await keep(day(200));
        expect(last.store.exitCode).to.equal(0);
        expect(last.store.stderr).to.include(`${theirs} is not shop-prod's`);
        expect(await bench.list(engine), 'nobody but they themselves takes theirs away').to.deep.equal([
          ...[theirs, idOf(day(200))],
        ]);
      });
    }
  });
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await holds()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error('it did not come to that within a minute');
  }
}
