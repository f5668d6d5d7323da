/**
 * A life of production with pods that really run, by ffops itself: databases that were really made, a page that comes from
 * WordPress through the load balancer, Traefik and the firewall, an attack that does not, a password that was really
 * changed; and backups whose bytes come back: 100,000 rows of each engine from dumps, uploads by Velero's own pods.
 * Skipped, with the reason, where nodes cannot be real.
 */
import { expect } from 'chai';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxStatus } from '../../../src/sandbox/status.ts';
import type { BackupCreateResult } from '../../../src/usecases/backup-create.ts';
import type { DrillResult } from '../../../src/usecases/backup-drill.ts';
import type { BackupListResult } from '../../../src/usecases/backup-list.ts';
import type { RestoreResult } from '../../../src/usecases/backup-restore.ts';
import type { DatabaseListResult } from '../../../src/usecases/databases.ts';
import { itAtLength } from '../../support/at-length.ts';
import { machineTraces, type MachineTraces } from '../../support/machine-traces.ts';
import { openProduct, type Product } from '../../support/product.ts';
import { leanProduction, realNodesOrSkip, stopwatch } from '../../support/real-nodes.ts';
import { realWordPress, type RealWordPress } from '../../support/real-wordpress.ts';
import { rows, ROWS, sqlIn, type Rows } from '../../support/rows.ts';
import { eventually } from '../../support/small-production.ts';

const TITLE = 'Pods that really run';
const production = leanProduction(`ingress: { waf: block, replicas: 1 }
databases:
  postgres: { memory: 256Mi, storage: 2Gi }
  mariadb: { memory: 256Mi, storage: 2Gi }
apps:
  wordpress: { title: ${TITLE} }
  n8n: {}
  twenty: {}
`);
/** What n8n and Twenty run has no recipe; their databases are made all the same. */
const STACKS = ['infra', 'data', 'app-wordpress'];
const UPLOADED_BYTES = 20_000_000;

describe('production with pods that really run', function () {
  this.bail(true);
  let product: Product;
  let wordpress: RealWordPress;
  let took: ReturnType<typeof stopwatch>;
  let earlier: MachineTraces;
  /** At the moment of the backup: of each engine, and of the files. */
  const kept = new Map<string, string>();

  before(async function () {
    await realNodesOrSkip(this);
    earlier = machineTraces();
    product = openProduct(production);
    wordpress = realWordPress(product, TITLE);
    took = stopwatch();
  });
  after(() => product?.close());

  const kube = (...args: readonly string[]): Promise<string> => product.kubectl(args);

  const forwards = async () => (await product.result<{ status: SandboxStatus }>(['sandbox', 'status'])).status.forwards;

  const logOfTheApp = (): Promise<string> =>
    kube('logs', '-n', 'apps-wordpress', 'deployment/wordpress-server', '-c', 'server');

  /** SQL in Postgres over TCP, as an app's role, with the password that ffops knows; the server's own word on an error. */
  async function asRole(app: string, database: string, password: string): Promise<string> {
    const script =
      'read -r PGPASSWORD; export PGPASSWORD; psql "host=$1 user=$2 dbname=$3 sslmode=require" -Atc "select current_user" 2>&1 || :';
    const inside = ['exec', '-i', '-n', 'data', 'postgres-0', '-c', 'postgres', '--', 'sh', '-c', script, 'sh'];
    // Its network policy lets it ask nobody, not even for its own name.
    return product.kubectl([...inside, '127.0.0.1', app, database], `${password}\n`);
  }

  const sql = (side: Rows, statements: string): Promise<string> => sqlIn(product, side, statements);

  async function expectRowsAsKept(): Promise<void> {
    for (const side of rows) expect(await sql(side, side.checksum), side.engine).to.equal(kept.get(side.engine));
  }

  it('comes up: databases made by their Jobs, and every pod Ready', async () => {
    await product.ffops(['sandbox', 'start', '--nodes', 'real']);
    took('sandbox');
    await product.ffops(['apply', '--yes', '--stack', 'base', '--stack', 'cloud']);
    took('node Ready');
    const { databases } = await product.result<{ databases: readonly { name: string; did: readonly string[] }[] }>([
      ...['apply', '--yes', '--only'],
      ...STACKS.flatMap((stack) => ['--stack', stack]),
    ]);
    took('applied');
    expect(databases.map(({ name, did }) => `${name}: ${did.join(', ')}`).sort()).to.deep.equal([
      'n8n: role-created, database-created',
      'twenty: role-created, database-created',
      'wordpress: role-created, database-created, rights-granted',
    ]);
  });

  it('takes less than 1.2 GB for all of it', async () => {
    const { status } = await product.result<{ status: SandboxStatus }>(['sandbox', 'status']);
    console.log(`      memory: ${String(Math.round(status.memoryBytes / 1e6))} MB`);
    expect(status.memoryBytes).to.be.within(300e6, 1.2e9);
  });

  it("shows the app's own page, made of what is in its database, to whoever asks the load balancer", async () => {
    await wordpress.expectPage();
  });

  it('refuses an attack before it reaches the app', async () => {
    const attack = `/?author=${encodeURIComponent("1' UNION SELECT user_pass FROM wp_users-- -")}`;
    const { status, text } = await wordpress.ask(attack);
    expect(status, text).to.equal(403);
    expect(await kube('logs', '-n', 'infra', 'deployment/waf')).to.contain('UNION SELECT');
    expect(await logOfTheApp()).to.not.contain('UNION');
  });

  itAtLength('is closed while the firewall is down: no way leads past it', async () => {
    const publicPorts = (await forwards()).map(({ service, address }) => `${service}:${address.split(':')[1]!}`);
    expect(publicPorts.sort(), 'the internal entry point is none of them').to.deep.equal([
      'infra/traefik:443',
      'infra/traefik:80',
    ]);
    await kube('scale', '-n', 'infra', 'deployment/waf', '--replicas=0');
    await kube('wait', '-n', 'infra', '--for=delete', 'pod', '-l', 'app.kubernetes.io/name=waf', '--timeout=60s');
    // Traefik learns within two seconds that the pod is gone; until then it asks in vain.
    const refused = await eventually(
      () => wordpress.ask('/?past-the-firewall'),
      ({ status, text }) => {
        expect(status, text).to.be.oneOf([502, 503]);
        return status === 503;
      },
    );
    expect(refused.status, refused.text).to.equal(503);
    expect(await logOfTheApp()).to.not.contain('past-the-firewall');
    await kube('scale', '-n', 'infra', 'deployment/waf', '--replicas=1');
    await kube('rollout', 'status', '-n', 'infra', 'deployment/waf', '--timeout=60s');
    await eventually(
      () => wordpress.ask('/'),
      ({ status }) => status === 200,
    );
    await wordpress.expectPage();
  });

  it('lets pods reach whom the network policies of the environment name, and nobody else', async () => {
    const knock = 'timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null && echo open || echo shut';
    const reach = async (pod: readonly string[], host: string, port: string): Promise<string> =>
      (await kube('exec', ...pod, '--', 'bash', '-c', knock, 'bash', host, port)).trim();
    const app = ['-n', 'apps-wordpress', 'deployment/wordpress-server', '-c', 'server'];
    const server = ['-n', 'data', 'postgres-0', '-c', 'postgres'];
    const addressOf = (namespace: string, service: string): Promise<string> =>
      kube('get', 'service', '-n', namespace, service, '-o', 'jsonpath={.spec.clusterIP}');
    expect(await reach(app, 'mariadb.data', '3306')).to.equal('open');
    expect(await reach(app, 'postgres.data', '5432'), 'a database that is not its own').to.equal('shut');
    expect(await reach(app, 'traefik.infra', '80'), 'another namespace').to.equal('shut');
    expect(await reach(server, await addressOf('data', 'mariadb'), '3306'), 'a server asks nobody').to.equal('shut');
    expect(await reach(server, '127.0.0.1', '5432')).to.equal('open');
  });

  it("lets a role into its own database and not into another app's", async () => {
    const password = (await product.ffops(['secrets', 'get', 'n8n.databasePassword'])).stdout.trim();
    expect(await asRole('n8n', 'n8n', password)).to.equal('n8n\n');
    expect(await asRole('n8n', 'twenty', password)).to.contain('permission denied for database');
    expect(await asRole('twenty', 'twenty', password)).to.contain('password authentication failed');
  });

  it("keeps an app's pod out of another app's database", async () => {
    const [, mariadb] = rows;
    await sql(mariadb!, 'CREATE DATABASE shop; CREATE TABLE shop.orders (n INT); INSERT INTO shop.orders VALUES (1);');
    expect(await wordpress.query('wordpress', 'SELECT COUNT(*) FROM wp_users')).to.equal('1');
    expect(await wordpress.query('shop', 'SELECT COUNT(*) FROM orders')).to.match(
      /^Access denied for user 'wordpress'/,
    );
  });

  it('is backed up with every byte: 100,000 rows in each engine, and what people uploaded', async () => {
    for (const side of rows) {
      await sql(side, side.fill);
      kept.set(side.engine, await sql(side, side.checksum));
      expect(kept.get(side.engine)).to.match(new RegExp(`^${ROWS} .* 0$`));
    }
    await wordpress.upload(UPLOADED_BYTES);
    kept.set('files', await wordpress.files());
    expect(kept.get('files')).to.contain('photo.jpg');
    for (const [what, parts] of [
      ['data', ['mariadb', 'postgres', 'objects']],
      ['apps-wordpress', ['objects']],
    ] as const) {
      const made = await product.result<BackupCreateResult>(['backup', 'create', what]);
      expect(made.parts.map(({ part, state, errors }) => ({ part, state, errors }))).to.deep.equal(
        parts.map((part) => ({ part, state: 'complete', errors: [] })),
      );
    }
    took('backed up');
    const { backups } = await product.result<BackupListResult>(['backup', 'list']);
    expect(backups.map(({ what, state }) => `${what} ${state}`).sort()).to.deep.equal([
      'apps-wordpress complete',
      'data complete',
      'mariadb: shop, wordpress complete',
      'postgres: n8n, postgres, twenty complete',
    ]);
    for (const { what, bytes } of backups.filter((one) => one.what !== 'data'))
      expect(bytes, what).to.be.greaterThan(what === 'apps-wordpress' ? UPLOADED_BYTES : ROWS);
  });

  itAtLength('really changes a password: the new one opens the database and the old one does not', async () => {
    const before = await wordpress.password();
    await product.ffops(['secrets', 'rotate', 'wordpress.databasePassword', '--yes']);
    took('rotated');
    expect(await wordpress.password()).to.not.equal(before);
    expect(await wordpress.query('wordpress', 'SELECT COUNT(*) FROM wp_users')).to.equal('1');
    expect(await wordpress.query('wordpress', 'SELECT 1', before)).to.match(/^Access denied for user 'wordpress'/);
    await wordpress.expectPage();
  });

  itAtLength(
    'brings its data back by one word: the rows as they were, nothing of what came later, passwords of today',
    async () => {
      const { backups } = await product.result<BackupListResult>(['backup', 'list']);
      const from = backups.find(({ what }) => what === 'data')!.id;
      const password = await wordpress.password();
      for (const side of rows) {
        await sql(side, side.later);
        expect(await sql(side, side.checksum)).not.to.equal(kept.get(side.engine));
      }
      const args = ['backup', 'restore', 'data', '--from', from, '--yes'];
      const { verdict, bytes, databases, objects } = await product.result<RestoreResult>(args);
      took('data restored');
      expect({ verdict, bytes, missing: objects?.missing }).to.deep.equal({
        ...{ verdict: 'done', bytes: undefined, missing: [] },
      });
      for (const { database } of rows)
        expect(databases.find((one) => one.database === database)).to.deep.include({ differences: [] });
      await expectRowsAsKept();
      expect(await wordpress.password()).to.equal(password);
      await wordpress.expectPage();
    },
  );

  it('brings an app back whose namespace was deleted: its files by Velero, and its database', async () => {
    const { backups } = await product.result<BackupListResult>(['backup', 'list']);
    const from = backups.find(({ what }) => what === 'apps-wordpress')!.id;
    const [, mariadb] = rows;
    await sql(mariadb!, mariadb!.later);
    await kube('delete', 'namespace', 'apps-wordpress', '--wait=true');
    const args = ['backup', 'restore', 'wordpress', '--from', from, '--no-keep', '--allow-data-loss', 'wordpress'];
    const { verdict, bytes, databases } = await product.result<RestoreResult>([...args, '--yes']);
    took('app restored');
    expect({ verdict, bytes }).to.deep.equal({ verdict: 'done', bytes: undefined });
    expect(databases.map(({ database }) => database)).to.deep.equal(['wordpress']);
    expect(await wordpress.files()).to.equal(kept.get('files'));
    await expectRowsAsKept();
    await wordpress.expectPage();
  });

  itAtLength('is drilled without touching what is there', async () => {
    const { verdict, parts } = await product.result<DrillResult>(['backup', 'drill', 'data']);
    expect(verdict, JSON.stringify(parts)).to.equal('done');
    expect(parts.map(({ part, state }) => `${part} ${state}`)).to.deep.equal([
      ...['mariadb verified', 'postgres verified', 'data verified'],
    ]);
    for (const { engine } of rows) expect(parts.find(({ part }) => part === engine)!.compared).to.be.at.least(ROWS);
    await expectRowsAsKept();
    took('drilled');
  });

  itAtLength('has its databases by hand too: listed, dumped to a file, restored from it, asked', async () => {
    const { databases } = await product.result<DatabaseListResult>(['db', 'list']);
    for (const side of rows) {
      const listed = databases.find(({ name }) => name === side.database)!;
      expect(listed).to.include({ engine: side.engine, app: side.database, owner: side.database });
      expect(listed.bytes).to.be.greaterThan(1_000_000);
      const file = `${side.database}.dump`;
      await product.ffops(['db', 'dump', side.database, '--file', file]);
      expect(statSync(join(product.folder, file)).size).to.be.greaterThan(ROWS);
      await sql(side, 'drop table customer;');
      await product.ffops(['db', 'restore', side.database, '--file', file], 6);
      await product.ffops(['db', 'restore', side.database, '--file', file, '--allow-data-loss', side.database]);
      const shell = await product.ffops(['db', 'shell', side.database], 0, 'select count(*) from customer;\n');
      expect(shell.stdout).to.include(String(ROWS));
    }
    await expectRowsAsKept();
    took('by hand');
  });

  it('leaves the machine as it was', async () => {
    await product.ffops(['sandbox', 'stop']);
    expect(machineTraces()).to.deep.equal(earlier);
  });
});
