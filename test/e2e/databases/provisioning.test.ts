/** The shell and the SQL that our charts carry, against the real servers, configured as the charts configure them. */
import { expect } from 'chai';
import {
  ADMINISTRATOR,
  startChartServer,
  type ChartServer,
  type Ended,
  type Login,
} from '../../support/chart-servers.ts';
import { atLength } from '../../support/at-length.ts';
import { awkwardTexts, SEED } from '../../support/awkward-text.ts';
import { tempFolder } from '../../support/temp.ts';

const AWFUL = [
  `it's`,
  `"quoted"`,
  '`ticked`',
  'back\\slash\\',
  '$HOME $(id) ${x}',
  '%s %% _under',
  "'; DROP DATABASE shop; --",
  'été 日本 ñ',
  ' a  b',
  'host=a dbname=b',
  'postgresql://x/y',
  ":name :'name' \\gexec",
  '--help',
  'a\nb\tc',
  '*',
];

for (const engine of ['postgres', 'mariadb'] as const) {
  describe(`databases in ${engine}`, function () {
    this.timeout(180_000);
    const folder = tempFolder();
    let server: ChartServer;
    before(async function () {
      server = await startChartServer(this, engine, folder.path);
    });
    after(async () => {
      await (server as ChartServer | undefined)?.stop();
      folder.remove();
    });

    const made =
      engine === 'postgres'
        ? ['role-created', 'database-created']
        : ['role-created', 'database-created', 'rights-granted'];
    const whole = { exitCode: 0, stderr: '' };
    const said = ({ stdout }: Ended, number = 1): string[] =>
      stdout
        .split('\n')
        .flatMap((line) => (line.startsWith(`ffops ${number} `) ? [line.slice(`ffops ${number} `.length)] : []));
    const which = engine === 'postgres' ? 'SELECT current_database()' : 'SELECT DATABASE()';
    const identifier = (text: string): string =>
      engine === 'postgres' ? `"${text.replaceAll('"', '""')}"` : `\`${text.replaceAll('`', '``')}\``;
    const literal = (text: string): string =>
      engine === 'postgres'
        ? `'${text.replaceAll("'", "''")}'`
        : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    const account = (text: string): string => (engine === 'postgres' ? identifier(text) : `${literal(text)}@'%'`);
    const shop: Login = { name: 'shop', user: 'shop', password: 'first' };

    it('are made with a role that owns them, and found the second time', async () => {
      const first = await server.provision([shop]);
      expect(first, first.stderr).to.include(whole);
      expect(said(first)).to.deep.equal([...made, 'done']);
      expect((await server.as(shop, 'CREATE TABLE things (id int); INSERT INTO things VALUES (7);')).exitCode).to.equal(
        0,
      );
      expect(said(await server.provision([shop]))).to.deep.equal(['done']);
      expect((await server.as(shop, 'SELECT id FROM things')).stdout).to.equal('7\n');
    });

    it('are reached with encryption, and not without', async () => {
      expect((await server.as(shop, which)).stdout).to.equal('shop\n');
      const { exitCode, stderr } = await server.unencrypted(shop);
      expect(exitCode).not.to.equal(0);
      expect(stderr).to.match(engine === 'postgres' ? /no encryption/ : /insecure transport|Access denied/);
    });

    it('take a new password again and again, after which the old one opens nothing, and lose nothing', async () => {
      let before = shop;
      for (const password of ['se\'cond \\ "one"', '`$(third)` %s; -- été', shop.password]) {
        const rotated = { ...shop, password };
        expect(said(await server.provision([rotated]))).to.deep.equal(['password-changed', 'done']);
        expect((await server.as(before, which)).exitCode, 'the one before').not.to.equal(0);
        expect((await server.as(rotated, 'SELECT id FROM things')).stdout).to.equal('7\n');
        before = rotated;
      }
    });

    it('can have any name and any password', async () => {
      const texts = [...AWFUL, ...awkwardTexts(atLength ? 12 : 3)].map((text) =>
        text.replaceAll('\0', '').toWellFormed(),
      );
      const names = [...new Set(texts.filter(isName))];
      const logins = names.map((name, index): Login => ({
        name,
        user: names.at(-1 - index)!,
        password: texts[index] || 'x',
      }));
      const ended = await server.provision(logins);
      expect(ended, `seed ${SEED}`).to.include(whole);
      for (const [index, login] of logins.entries()) {
        expect(said(ended, index + 1), JSON.stringify(login)).to.deep.equal([...made, 'done']);
      }
      for (const login of logins.slice(0, AWFUL.length)) {
        const hex =
          engine === 'postgres'
            ? `SELECT encode(convert_to(current_database(), 'UTF8'), 'hex')`
            : 'SELECT LOWER(HEX(CONVERT(DATABASE() USING utf8mb4)))';
        expect((await server.as(login, hex)).stdout.trim()).to.equal(Buffer.from(login.name).toString('hex'));
      }
      const again = await server.provision(logins);
      expect(again).to.include(whole);
      expect(again.stdout.split('\n').filter((line) => line !== '' && !line.endsWith(' done'))).to.deep.equal([]);
    });

    it('are made once by several at once', async () => {
      const logins = ['one', 'two', 'three'].map((name) => ({ name, user: name, password: `${name}'s` }));
      const all = await Promise.all([1, 2, 3, 4].map(() => server.provision(logins)));
      for (const ended of all) expect(ended).to.include(whole);
      for (const number of [1, 2, 3]) {
        const everything = all.flatMap((ended) => said(ended, number)).filter((word) => word !== 'done');
        expect(everything.sort()).to.deep.equal([...made].sort());
      }
      for (const login of logins) expect((await server.as(login, which)).stdout).to.equal(`${login.name}\n`);
    });

    it('are completed where somebody stopped half-way', async () => {
      const half = ['role only', 'database only', 'dropped'].map((name) => ({ name, user: name, password: 'half' }));
      const create =
        engine === 'postgres'
          ? `CREATE ROLE ${account('role only')} NOLOGIN`
          : `CREATE USER ${account('role only')} IDENTIFIED BY 'other'`;
      expect((await server.admin(`${create}; CREATE DATABASE ${identifier('database only')};`)).stderr).to.equal('');
      expect((await server.provision(half.slice(2))).exitCode).to.equal(0);
      expect((await server.admin(`DROP DATABASE ${identifier('dropped')}`)).stderr).to.equal('');
      const ended = await server.provision(half);
      expect(ended).to.include(whole);
      expect(said(ended, 1)).to.deep.equal(
        engine === 'postgres'
          ? ['login-allowed', 'database-created', 'password-changed', 'done']
          : ['database-created', 'rights-granted', 'password-changed', 'done'],
      );
      expect(said(ended, 2)).to.deep.equal(
        engine === 'postgres' ? ['role-created', 'owner-changed', 'done'] : ['role-created', 'rights-granted', 'done'],
      );
      expect(said(ended, 3)).to.deep.equal(['database-created', 'done']);
      for (const login of half) expect((await server.as(login, 'CREATE TABLE t (id int)')).exitCode).to.equal(0);
    });

    it('are closed to the roles of others', async () => {
      // In a grant of MariaDB's, `a_b` would open `axb` too.
      const [under, other] = ['a_b', 'axb'].map((name) => ({ name, user: name, password: 'p' })) as [Login, Login];
      expect((await server.provision([under, other])).exitCode).to.equal(0);
      for (const stranger of [under, shop]) {
        expect((await server.as({ ...stranger, name: 'axb' }, 'SELECT 1')).stderr).to.match(
          /permission denied|[Aa]ccess denied/,
        );
      }
    });

    it('do not suffer from one that cannot be made', async () => {
      const long = { name: 'x'.repeat(engine === 'postgres' ? 64 : 65), user: 'long', password: 'p' };
      const fine = { name: 'fine', user: 'fine', password: 'p' };
      const ended = await server.provision([long, fine]);
      expect(ended.exitCode).to.equal(1);
      expect(said(ended, 1).at(-1)).to.equal('failed');
      expect(ended.stderr).not.to.include('---');
      expect(ended.stderr).to.match(/longer than the 63 bytes|Identifier name .* too long|Incorrect database name/);
      expect(said(ended, 2)).to.deep.equal([...made, 'done']);
    });

    it('give measurements to the one user of the system that reads them, without a password', async function () {
      if (server.exporter === undefined) return this.skip();
      const rows =
        engine === 'postgres'
          ? 'SELECT count(*) > 1 FROM pg_stat_activity WHERE query IS NOT NULL'
          : 'SELECT COUNT(*) > 0 FROM information_schema.PROCESSLIST';
      const ended = await server.exporter(rows);
      expect(ended).to.include({ exitCode: 0 });
      expect(ended.stdout.trim()).to.match(/^(t|1)$/);
    });

    it('have an administrator whose password follows the Secret', async function () {
      if (server.setAdministrator === undefined) return this.skip();
      expect((await server.setAdministrator(`new's "\\$ é`)).exitCode).to.equal(0);
      expect((await server.provision([shop], `new's "\\$ é`)).exitCode).to.equal(0);
      await server.setAdministrator(ADMINISTRATOR);
    });

    it('have no password in what the server writes down', async function () {
      const secret = { name: 'quiet', user: 'quiet', password: 'neverwrittendown' };
      await server.provision([secret]);
      await server.provision([{ ...secret, password: 'neverwrittendowneither' }]);
      // MariaDB's general log, which is off but in this test, stars them out only where they stand as text.
      if (engine === 'postgres') expect(server.log()).not.to.include('neverwritten');
      expect(server.log()).to.match(engine === 'postgres' ? /statement: / : /Query/);
    });

    function isName(text: string): boolean {
      if (text === '' || Buffer.byteLength(text) > 63 || text === 'shop') return false;
      if (engine === 'postgres') return !/^(pg_|none$|public$|postgres$)/.test(text);
      // MariaDB's names have no characters beyond the first 65,536, and do not end in a space.
      return /^[\u0001-\uffff]*$/u.test(text) && !/\s$/.test(text);
    }
  });
}
