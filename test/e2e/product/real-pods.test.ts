/**
 * Production with pods that really run, by ffops itself: databases that were really made, a page that comes from WordPress
 * through the load balancer, Traefik and the firewall, an attack that does not, a password that was really changed, and
 * files that Velero's own pods bring back after their namespace was deleted.
 * Skipped, with the reason, where nodes cannot be real.
 */
import { expect } from 'chai';
import type { SandboxStatus } from '../../../src/sandbox/status.ts';
import type { BackupCreateResult } from '../../../src/usecases/backup-create.ts';
import type { RestoreResult } from '../../../src/usecases/backup-restore.ts';
import { request, send, type Answer } from '../../support/firewall/requests.ts';
import { machineTraces, type MachineTraces } from '../../support/machine-traces.ts';
import { openProduct, type Product } from '../../support/product.ts';
import { leanProduction, realNodesOrSkip, stopwatch } from '../../support/real-nodes.ts';
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
const UPLOADS = '/var/www/html/wp-content/uploads';
const UPLOADED_BYTES = 20_000_000;
/** What n8n and Twenty run has no recipe; their databases are made all the same. */
const STACKS = ['infra', 'data', 'app-wordpress'];

/** Of everything that the volume holds. */
const CHECKSUMS = 'cd /var/www/html/wp-content && find . -type f | sort | xargs -d "\\n" sha256sum';

interface Copy {
  readonly phase: string;
  readonly bytesDone: number;
  /** As what the sandbox plays is. */
  readonly annotated: boolean;
}

describe('production with pods that really run', function () {
  this.bail(true);
  let product: Product;
  let took: ReturnType<typeof stopwatch>;
  let earlier: MachineTraces;

  before(async function () {
    await realNodesOrSkip(this);
    earlier = machineTraces();
    product = openProduct(production);
    took = stopwatch();
  });
  after(() => product?.close());

  const kube = async (...args: readonly string[]): Promise<string> =>
    (await product.ffops(['kube', '--', ...args])).stdout;

  const forwards = async () => (await product.result<{ status: SandboxStatus }>(['sandbox', 'status'])).status.forwards;

  /** As the internet asks: at the load balancer, which this machine reaches by a port of its own. */
  async function ask(path: string): Promise<Answer> {
    const open = await forwards();
    const forward = open.find(({ service, address }) => service === 'infra/traefik' && /:80$/.test(address));
    expect(forward, JSON.stringify(open)).to.not.equal(undefined);
    return send(
      Number(forward?.loopback.split(':')[1]),
      request('GET', path, { headers: { 'Accept-Encoding': 'identity' } }),
    );
  }

  const logOfTheApp = (): Promise<string> =>
    kube('logs', '-n', 'apps-wordpress', 'deployment/wordpress-server', '-c', 'server');

  async function expectPage(): Promise<void> {
    const { status, text } = await ask('/');
    expect(status, text).to.equal(200);
    expect(text).to.contain(`<title>${TITLE}`).and.contain('wp-content');
  }

  /** SQL in Postgres over TCP, as an app's role, with the password that ffops knows; the server's own word on an error. */
  async function asRole(app: string, database: string, password: string): Promise<string> {
    const script =
      'read -r PGPASSWORD; export PGPASSWORD; psql "host=$1 user=$2 dbname=$3 sslmode=require" -Atc "select current_user" 2>&1 || :';
    const inside = ['exec', '-i', '-n', 'data', 'postgres-0', '-c', 'postgres', '--', 'sh', '-c', script, 'sh'];
    const args = ['kube', '--', ...inside, 'postgres.data.svc.cluster.local', app, database];
    return (await product.ffops(args, 0, `${password}\n`)).stdout;
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
    await expectPage();
  });

  it('refuses an attack before it reaches the app', async () => {
    const { status, text } = await ask(`/?author=${encodeURIComponent("1' UNION SELECT user_pass FROM wp_users-- -")}`);
    expect(status, text).to.equal(403);
    expect(await kube('logs', '-n', 'infra', 'deployment/waf')).to.contain('UNION SELECT');
    expect(await logOfTheApp()).to.not.contain('UNION');
  });

  it('is closed while the firewall is down: no way leads past it', async () => {
    const publicPorts = (await forwards()).map(({ service, address }) => `${service}:${address.split(':')[1]!}`);
    expect(publicPorts.sort(), 'the internal entry point is none of them').to.deep.equal([
      'infra/traefik:443',
      'infra/traefik:80',
    ]);
    await kube('scale', '-n', 'infra', 'deployment/waf', '--replicas=0');
    await kube('wait', '-n', 'infra', '--for=delete', 'pod', '-l', 'app.kubernetes.io/name=waf', '--timeout=60s');
    // Traefik learns within two seconds that the pod is gone; until then it asks in vain.
    const refused = await eventually(
      () => ask('/?past-the-firewall'),
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
      () => ask('/'),
      ({ status }) => status === 200,
    );
    await expectPage();
  });

  it("lets a role into its own database and not into another app's", async () => {
    const password = (await product.ffops(['secrets', 'get', 'n8n.databasePassword'])).stdout.trim();
    expect(await asRole('n8n', 'n8n', password)).to.equal('n8n\n');
    expect(await asRole('n8n', 'twenty', password)).to.contain('permission denied for database');
    expect(await asRole('twenty', 'twenty', password)).to.contain('password authentication failed');
  });

  it("keeps an app's pod out of another app's database", async () => {
    const sql = 'CREATE DATABASE shop; CREATE TABLE shop.orders (n INT); INSERT INTO shop.orders VALUES (1);';
    await kube(
      ...['exec', '-n', 'data', 'mariadb-0', '-c', 'mariadb', '--', 'sh', '-c'],
      'MYSQL_PWD=$MARIADB_ROOT_PASSWORD exec mariadb --protocol=socket -u root -e "$1"',
      ...['sh', sql],
    );
    expect(await fromTheApp('wordpress', 'SELECT COUNT(*) FROM wp_users')).to.equal('1');
    expect(await fromTheApp('shop', 'SELECT COUNT(*) FROM orders')).to.match(/^Access denied for user 'wordpress'/);
  });

  it('really changes a password: the new one opens the database and the old one does not', async () => {
    const before = await passwordOfTheApp();
    await product.ffops(['secrets', 'rotate', 'wordpress.databasePassword', '--yes']);
    took('rotated');
    const now = await passwordOfTheApp();
    expect(now).to.not.equal(before);
    expect(await fromTheApp('wordpress', 'SELECT COUNT(*) FROM wp_users')).to.equal('1');
    expect(await fromTheApp('wordpress', 'SELECT 1', before)).to.match(/^Access denied for user 'wordpress'/);
    await expectPage();
  });

  it('brings back the files of a volume after its whole namespace was deleted', async () => {
    const upload = `mkdir -p ${UPLOADS}/2026 && head -c ${UPLOADED_BYTES} /dev/urandom >${UPLOADS}/2026/photo.jpg`;
    await inTheServer(upload);
    const kept = await inTheServer(CHECKSUMS);
    expect(kept).to.contain('photo.jpg');
    const made = await product.result<BackupCreateResult>(['backup', 'create', 'wordpress']);
    took('backed up');
    expect(made.parts.map(({ part, state, errors }) => [part, state, errors])).to.deep.equal([
      ['objects', 'complete', []],
    ]);
    expectWhole(await copies('podvolumebackups'));

    await kube('delete', 'namespace', 'apps-wordpress', '--wait=true');
    const restored = await product.result<RestoreResult>(['backup', 'restore', 'wordpress', '--yes']);
    took('restored');
    expect(restored).to.deep.include({ verdict: 'done', bytes: undefined });
    expectWhole(await copies('podvolumerestores'));
    expect(await inTheServer(CHECKSUMS)).to.equal(kept);
    await expectPage();
  });

  it('leaves the machine as it was', async () => {
    await product.ffops(['sandbox', 'stop']);
    expect(machineTraces()).to.deep.equal(earlier);
  });

  /** What Velero's node agent says of the volumes that it read or filled. */
  async function copies(kind: string): Promise<readonly Copy[]> {
    const { items } = JSON.parse(await kube('get', '-n', 'infra', `${kind}.velero.io`, '-o', 'json')) as {
      items: readonly {
        metadata: { annotations?: Record<string, string> };
        status: { phase: string; progress?: { bytesDone?: number } };
      }[];
    };
    return items.map(({ metadata, status: { phase, progress } }) => ({
      phase,
      bytesDone: progress?.bytesDone ?? 0,
      annotated: metadata.annotations?.['sandbox.ffops.io/bytes'] !== undefined,
    }));
  }

  function expectWhole(all: readonly Copy[]): void {
    expect(all.map(({ phase, annotated }) => ({ phase, annotated }))).to.deep.equal(
      all.map(() => ({ phase: 'Completed', annotated: false })),
    );
    expect(Math.max(...all.map(({ bytesDone }) => bytesDone))).to.be.at.least(UPLOADED_BYTES);
  }

  function inTheServer(script: string): Promise<string> {
    const inside = ['exec', '-n', 'apps-wordpress', 'deployment/wordpress-server', '-c', 'server', '--'];
    return kube(...inside, 'sh', '-c', script);
  }

  function passwordOfTheApp(): Promise<string> {
    return inTheApp('echo getenv("WORDPRESS_DB_PASSWORD");');
  }

  /** One value, by the app's own variables and its own driver; or what the server says. */
  function fromTheApp(database: string, query: string, password?: string): Promise<string> {
    return inTheApp(
      `mysqli_report(MYSQLI_REPORT_OFF);
       [$host, $port] = explode(":", getenv("WORDPRESS_DB_HOST"));
       $password = ${password === undefined ? 'getenv("WORDPRESS_DB_PASSWORD")' : JSON.stringify(password)};
       $db = mysqli_init();
       $open = @$db->real_connect($host, getenv("WORDPRESS_DB_USER"), $password, ${JSON.stringify(database)}, (int) $port, null, MYSQLI_CLIENT_SSL);
       echo $open ? $db->query(${JSON.stringify(query)})->fetch_row()[0] : $db->connect_error;`,
    );
  }

  /** The program goes in by stdin: what is in it is no argument. */
  async function inTheApp(php: string): Promise<string> {
    const args = ['exec', '-i', '-n', 'apps-wordpress', 'deployment/wordpress-server', '-c', 'server', '--', 'php'];
    return (await product.ffops(['kube', '--', ...args], 0, `<?php ${php}`)).stdout;
  }
});
