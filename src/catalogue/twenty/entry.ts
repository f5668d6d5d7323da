/** Twenty: customers, and what was agreed with them. A server, a worker, a queue, and a database of its own. */
import { z } from 'zod';
import { email, gibibytes, quantity } from '../../model/formats.ts';
import { ownImage } from '../../model/image.ts';
import type { AppEntry } from '../../model/plugs.ts';
import { databaseNeed } from '../database-need.ts';
import { urlOf } from '../../model/url.ts';
import { hostBelow } from '../ingress.ts';
import { mailServer, SMTP_PASSWORD_KEY } from '../mail.ts';
import { ACCESS_KEY, objectStore, refuseWithoutStorage, SECRET_KEY, type ObjectStore } from '../object-store.ts';
import { ownBackups, refuseWithoutBackups, scheduleOf } from '../own-backups.ts';
import { costsOf, type Resources } from '../sizes.ts';
import { VALKEY, VALKEY_GI, VALKEY_URL_KEY, valkeyFor } from '../valkey.ts';
import { together, webApp, type Component, type Settings, type Variable } from '../web-app.ts';
import { ADMINISTRATOR } from './administrator.ts';
import { twentyExclusions } from '../waf-exclusions.ts';

const ID = 'twenty';
const VERSION = '2.44.0';
const DIGEST = 'sha256:01fb6d2c00397976fd7613dbeb9703b514b52fb6270339b7a326a2a975d15b26';
const IMAGE = `docker.io/twentycrm/twenty:v${VERSION}@${DIGEST}`;
/** The image's own user. */
const USER = 1000;
const PORT = 3000;
const VOLUME = 'twenty-files';
const FILES = '/app/packages/twenty-server/.local-storage';
const SCRIPT = '/usr/local/share/ffops/administrator.mjs';
const PASSWORD = `${ID}.adminPassword`;
const APP_SECRET = `${ID}.appSecret`;
const ENCRYPTION_KEY = `${ID}.encryptionKey`;
/** The program checks that a region is one of Amazon's; others take this one for theirs. */
const REGION = 'us-east-1';
const SERVER: Resources = { cpu: 250, memory: 768, memoryLimit: 2048 };
const WORKER: Resources = { cpu: 100, memory: 512, memoryLimit: 1536 };
const GATE: Resources = { cpu: 10, memory: 32, memoryLimit: 128 };
const WRITES_PAGES = 'It writes the address of its server into its own pages when it starts.';
const ONE_VERSION = 'Tables are changed for the new version before it starts: the old one must be gone by then.';

const options = z.strictObject({
  workspace: z.string().min(1).max(100).default('Company').describe('Name of the workspace when it is first made.'),
  adminEmail: email.optional().describe('Login of its administrator; `admin@` the root domain when absent.'),
  files: z
    .enum(['volume', 's3'])
    .default('volume')
    .describe('Where attachments are kept: on a volume, or in a bucket.'),
  storage: quantity.default('10Gi').describe('Size of the volume; it can only grow. A bucket needs none.'),
  image: ownImage,
  backups: ownBackups,
});

export const twenty: AppEntry = {
  id: ID,
  kind: 'app',
  title: 'Twenty, customer relations',
  home: 'app',
  summary: 'Customer relations (CRM): people, companies, deals, notes',
  version: VERSION,
  upgrades: {
    stops: ['1.23.0'],
    notes: [
      {
        since: '2.5.0',
        text: 'The tokens that it stores are encrypted anew when it first starts, which takes a while where there are many.',
      },
    ],
    guide: 'https://docs.twenty.com/developers/self-host/capabilities/upgrade-guide',
  },
  questions: ['workspace', 'adminEmail', 'files', 'storage'],
  askedWhen: { storage: { files: 'volume' } },
  options,
  check: (environment) => {
    const { files, backups } = options.parse(environment.apps[ID]);
    return [
      ...refuseWithoutBackups(environment, backups, `apps.${ID}.backups`),
      ...(files === 's3' ? refuseWithoutStorage(environment, `apps.${ID}.files`) : []),
    ];
  },
  costs: (environment) => {
    const { files, storage } = options.parse(environment.apps[ID]);
    return costsOf(environment, [SERVER, WORKER, GATE, VALKEY], VALKEY_GI + (files === 's3' ? 0 : gibibytes(storage)));
  },
  contribute: (request) => {
    const { environment } = request;
    const wish = options.parse(environment.apps[ID]);
    const image = wish.image ?? IMAGE;
    const host = hostBelow(environment, ID);
    const url = urlOf(environment, host);
    const database = databaseNeed(request, 'postgres', ID);
    const valkey = valkeyFor(request, ID);
    const mail = mailServer(environment);
    const store = wish.files === 's3' ? objectStore(request, ID, 'files') : undefined;
    const admin = wish.adminEmail ?? `admin@${environment.rootDomain}`;

    const trust: readonly Variable[] = [
      { name: 'PGSSLROOTCERT', value: database.authorityFile },
      { name: 'NODE_EXTRA_CA_CERTS', value: database.authorityFile },
    ];
    const common: readonly Settings[] = [
      {
        from: 'rootDomain',
        variables: [
          { name: 'SERVER_URL', value: url },
          { name: 'NODE_PORT', value: String(PORT) },
        ],
      },
      {
        from: 'its database',
        variables: [{ name: 'PG_DATABASE_URL', secret: ID, key: 'database-url' }, ...trust],
      },
      { from: 'its queue', variables: [{ name: 'REDIS_URL', secret: ID, key: VALKEY_URL_KEY }] },
      {
        from: 'what it signs and encrypts with',
        variables: [
          { name: 'APP_SECRET', secret: ID, key: 'app-secret' },
          { name: 'ENCRYPTION_KEY', secret: ID, key: 'encryption-key' },
        ],
      },
      {
        from: 'prepared before it starts',
        variables: [
          { name: 'DISABLE_DB_MIGRATIONS', value: 'true' },
          { name: 'DISABLE_CRON_JOBS_REGISTRATION', value: 'true' },
        ],
      },
      { from: 'nothing is told to others', variables: [{ name: 'TELEMETRY_ENABLED', value: 'false' }] },
      filesSettings(store),
      mailSettings(mail),
    ];
    const keepsFiles = store === undefined ? [{ path: FILES, volume: VOLUME }] : [];
    const scratch = { path: '/tmp', empty: '1Gi' } as const;

    const server: Component = {
      name: 'server',
      image,
      user: USER,
      group: USER,
      port: PORT,
      settings: common,
      mounts: [...keepsFiles, scratch, database.authorityMount],
      setUp: [
        {
          name: 'migration',
          // The image's own way to bring tables up to date, and then to do nothing more.
          command: ['/app/entrypoint.sh', 'true'],
          variables: [
            { name: 'DISABLE_DB_MIGRATIONS', value: 'false' },
            { name: 'DISABLE_CRON_JOBS_REGISTRATION', value: 'false' },
          ],
        },
      ],
      beside: [
        {
          name: 'administrator',
          command: ['sh', '-c', `node ${SCRIPT} && touch /tmp/administrator && exec sleep infinity`],
          ready: ['test', '-f', '/tmp/administrator'],
          variables: [
            { name: 'SERVER_URL', value: url },
            { name: 'PGHOST', value: database.host },
            { name: 'PGPORT', value: String(database.port) },
            { name: 'PGDATABASE', value: database.database.name },
            { name: 'PGUSER', value: database.database.user },
            database.passwordAs('PGPASSWORD'),
            { name: 'PGSSLMODE', value: 'verify-full' },
            { name: 'PGSSLROOTCERT', value: database.authorityFile },
            { name: 'WORKSPACE_NAME', value: wish.workspace },
            { name: 'ADMIN_EMAIL', value: admin },
            { name: 'ADMIN_PASSWORD', secret: ID, key: 'admin-password' },
          ],
          mounts: [
            { path: SCRIPT, file: 'administrator.mjs' },
            { path: '/tmp', empty: '16Mi' },
            database.authorityMount,
          ],
          resources: GATE,
        },
      ],
      health: { path: '/healthz', startSeconds: 300 },
      resources: SERVER,
      writableRoot: WRITES_PAGES,
      alone: ONE_VERSION,
      graceSeconds: 60,
    };
    const worker: Component = {
      name: 'worker',
      image,
      user: USER,
      group: USER,
      args: ['yarn', 'worker:prod'],
      settings: common,
      mounts: [scratch, database.authorityMount],
      resources: WORKER,
      writableRoot: 'As its server.',
      alone: ONE_VERSION,
      graceSeconds: 60,
    };

    const app = webApp(request, ID, {
      components: store === undefined ? [withWorker(server, worker)] : [server, worker],
      volumes:
        store === undefined
          ? [{ name: VOLUME, size: wish.storage, option: 'apps.twenty.storage', fileBackup: true }]
          : [],
      files: { 'administrator.mjs': ADMINISTRATOR },
      hosts: [
        {
          name: host,
          component: 'server',
          purpose: 'your customers',
          login: { user: admin, secret: PASSWORD },
        },
      ],
      secret: {
        'admin-password': [{ secret: PASSWORD }],
        'app-secret': [{ secret: APP_SECRET }],
        'encryption-key': [{ secret: ENCRYPTION_KEY }],
        'database-url': [
          { text: `postgres://${database.database.user}:` },
          { secret: database.password.name },
          { text: `@${database.host}:${database.port}/${database.database.name}?sslmode=verify-full` },
        ],
      },
      needs: [
        database.need,
        valkey.need,
        ...(mail === undefined ? [] : [mail.need]),
        ...(store === undefined ? [] : [store.need]),
      ],
      // Mailboxes and calendars of people, and webhooks.
      internetPorts: [80, 443, 465, 587, 993],
      ...scheduleOf(wish.backups),
      timeoutSeconds: 900,
      keeps: 'attachments; the customers themselves are in its database',
    });
    return together(
      {
        wafExclusions: twentyExclusions(host),
        secrets: [
          {
            name: PASSWORD,
            description: `Password of ${admin} at ${host} when the workspace is first made.`,
            supply: { kind: 'generated', length: 24, alphabet: 'alphanumeric' },
            neverRotates: 'Twenty reads it once, when the workspace is made: change it in its pages',
          },
          {
            name: APP_SECRET,
            description: 'Signs who is logged in to Twenty.',
            supply: { kind: 'generated', length: 64, alphabet: 'alphanumeric' },
          },
          {
            name: ENCRYPTION_KEY,
            description: 'Encrypts tokens of mailboxes and calendars. Without it they cannot be read.',
            supply: { kind: 'generated', length: 64, alphabet: 'alphanumeric' },
            neverRotates: 'what is stored must be encrypted anew with it: see the guide on key rotation of Twenty',
          },
        ],
      },
      app,
    );
  },
};

/** Both use the files, and a block volume is attached to one node: in one pod they are always on the same. */
function withWorker(server: Component, worker: Component): Component {
  const variables = worker.settings.flatMap((settings) => settings.variables);
  return {
    ...server,
    beside: [
      {
        name: worker.name,
        // The entry point is named: without it the image would start a server.
        command: ['/app/entrypoint.sh', 'yarn', 'worker:prod'],
        variables,
        mounts: [{ path: FILES, volume: VOLUME }, ...(worker.mounts ?? [])],
        resources: worker.resources,
        writableRoot: 'As its server.',
      },
      ...(server.beside ?? []),
    ],
  };
}

function filesSettings(store: ObjectStore | undefined): Settings {
  if (store === undefined) return { from: 'apps.twenty.files', variables: [] };
  return {
    from: 'apps.twenty.files',
    variables: [
      { name: 'STORAGE_TYPE', value: 's3' },
      { name: 'STORAGE_S3_REGION', value: REGION },
      { name: 'STORAGE_S3_NAME', value: store.bucket },
      { name: 'STORAGE_S3_ENDPOINT', module: store.variable },
      { name: 'STORAGE_S3_ACCESS_KEY_ID', secret: ID, key: ACCESS_KEY },
      { name: 'STORAGE_S3_SECRET_ACCESS_KEY', secret: ID, key: SECRET_KEY },
    ],
  };
}

function mailSettings(mail: ReturnType<typeof mailServer>): Settings {
  if (mail === undefined) return { from: 'mail.smtp', variables: [{ name: 'EMAIL_DRIVER', value: 'logger' }] };
  return {
    from: 'mail.smtp',
    variables: [
      { name: 'EMAIL_DRIVER', value: 'smtp' },
      { name: 'EMAIL_SMTP_HOST', value: mail.host },
      { name: 'EMAIL_SMTP_PORT', value: String(mail.port) },
      { name: 'EMAIL_SMTP_NO_TLS', value: String(mail.tls === 'none') },
      { name: 'EMAIL_FROM_ADDRESS', value: mail.from },
      { name: 'EMAIL_SYSTEM_ADDRESS', value: mail.from },
      { name: 'EMAIL_FROM_NAME', value: 'Twenty' },
      ...(mail.user === undefined
        ? []
        : [
            { name: 'EMAIL_SMTP_USER', value: mail.user },
            { name: 'EMAIL_SMTP_PASSWORD', secret: ID, key: SMTP_PASSWORD_KEY },
          ]),
    ],
  };
}
