/** n8n: workflows between other programs. Its owner is there before anyone can ask for it. */
import { z } from 'zod';
import { email, gibibytes, quantity } from '../../model/formats.ts';
import { ownImage, versionOfImage } from '../../model/image.ts';
import type { AppEntry } from '../../model/plugs.ts';
import { databaseNeed } from '../database-need.ts';
import { urlOf } from '../../model/url.ts';
import { hostBelow } from '../ingress.ts';
import { mailServer, SMTP_PASSWORD_KEY } from '../mail.ts';
import { ownBackups, refuseWithoutBackups, scheduleOf } from '../own-backups.ts';
import { costsOf, type Resources } from '../sizes.ts';
import { VALKEY, VALKEY_GI, valkeyFor, VALKEY_PASSWORD_KEY, type AppValkey } from '../valkey.ts';
import { together, webApp, type Beside, type Component, type Settings } from '../web-app.ts';
import { n8nExclusions } from '../waf-exclusions.ts';

const ID = 'n8n';
const VERSION = '2.39.10';
const IMAGE = `docker.io/n8nio/n8n:${VERSION}`;
/** The image's own user: node. */
const NODE = 1000;
const PORT = 5678;
const VOLUME = 'n8n-files';
const HOME = '/home/node';
const PASSWORD = `${ID}.ownerPassword`;
const LOGIN = `${ID}.ownerLogin`;
const ENCRYPTION_KEY = `${ID}.encryptionKey`;
const RUNNERS_TOKEN = `${ID}.runnersToken`;
const SERVER: Resources = { cpu: 200, memory: 512, memoryLimit: 1024 };
const WORKER: Resources = { cpu: 200, memory: 384, memoryLimit: 1024 };
const RUNNERS: Resources = { cpu: 50, memory: 128, memoryLimit: 512 };
/** What others call: everything else of the editor stays at the other host. */
const WEBHOOK_PATHS = [
  '/webhook',
  '/webhook-test',
  '/webhook-waiting',
  '/form',
  '/form-test',
  '/form-waiting',
  '/mcp',
  '/mcp-test',
] as const;

const options = z.strictObject({
  ownerEmail: email.optional().describe('Login of the owner; `admin@` the root domain when absent.'),
  timezone: z
    .string()
    .regex(/^[A-Za-z]+(\/[A-Za-z0-9_+-]+)*$/, 'a time zone such as Europe/Brussels')
    .default('Europe/Brussels')
    .describe('Time zone of schedules in workflows.'),
  storage: quantity.default('5Gi').describe('Size of the volume with its files; it can only grow.'),
  workers: z
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe('Pods that run workflows, with a queue in a Valkey of its own; with 0 the server runs them itself.'),
  image: ownImage,
  backups: ownBackups,
});

export const n8n: AppEntry = {
  id: ID,
  kind: 'app',
  title: 'n8n, workflow automation',
  home: 'app',
  summary: 'Workflows between your programs, with webhooks and schedules',
  version: VERSION,
  upgrades: { guide: 'https://github.com/n8n-io/n8n/releases' },
  questions: ['ownerEmail', 'timezone', 'storage', 'workers'],
  options,
  check: (environment) =>
    refuseWithoutBackups(environment, options.parse(environment.apps[ID]).backups, `apps.${ID}.backups`),
  costs: (environment) => {
    const { storage, workers } = options.parse(environment.apps[ID]);
    const queue = workers === 0 ? [] : [VALKEY, { ...WORKER, replicas: workers }, { ...RUNNERS, replicas: workers }];
    return costsOf(environment, [SERVER, RUNNERS, ...queue], gibibytes(storage) + (workers === 0 ? 0 : VALKEY_GI));
  },
  contribute: (request) => {
    const { environment } = request;
    const wish = options.parse(environment.apps[ID]);
    const editor = hostBelow(environment, ID);
    const webhooks = hostBelow(environment, 'webhook');
    const database = databaseNeed(request, 'postgres', ID);
    const mail = mailServer(environment);
    const valkey = wish.workers === 0 ? undefined : valkeyFor(request, ID);
    const owner = wish.ownerEmail ?? `admin@${environment.rootDomain}`;
    const image = wish.image ?? IMAGE;
    const runners = runnersOf(wish.image === undefined ? VERSION : versionOfImage(wish.image));
    const metrics = String(environment.metrics.enabled);

    const common: readonly Settings[] = [
      {
        from: 'rootDomain',
        variables: [
          { name: 'N8N_HOST', value: editor },
          { name: 'N8N_PROTOCOL', value: environment.tls.issuer === 'none' ? 'http' : 'https' },
          { name: 'N8N_EDITOR_BASE_URL', value: `${urlOf(environment, editor)}/` },
          { name: 'WEBHOOK_URL', value: `${urlOf(environment, webhooks)}/` },
          // Browsers send a secure cookie over HTTPS alone.
          { name: 'N8N_SECURE_COOKIE', value: String(environment.tls.issuer !== 'none') },
          // The firewall adds no address of its own, but the controller behind it adds the firewall's.
          { name: 'N8N_PROXY_HOPS', value: environment.ingress.waf === 'off' ? '1' : '2' },
        ],
      },
      {
        from: 'its database',
        variables: [
          { name: 'DB_TYPE', value: 'postgresdb' },
          { name: 'DB_POSTGRESDB_HOST', value: database.host },
          { name: 'DB_POSTGRESDB_PORT', value: String(database.port) },
          { name: 'DB_POSTGRESDB_DATABASE', value: database.database.name },
          { name: 'DB_POSTGRESDB_USER', value: database.database.user },
          database.passwordAs('DB_POSTGRESDB_PASSWORD'),
          { name: 'DB_POSTGRESDB_SSL_ENABLED', value: 'true' },
          { name: 'DB_POSTGRESDB_SSL_CA', value: database.authorityFile },
        ],
      },
      {
        from: 'what credentials in its database are encrypted with',
        variables: [{ name: 'N8N_ENCRYPTION_KEY', secret: ID, key: 'encryption-key' }],
      },
      {
        // Code of workflows runs in a container that has none of these variables.
        from: 'code of workflows runs beside it',
        variables: [
          { name: 'N8N_RUNNERS_MODE', value: 'external' },
          { name: 'N8N_RUNNERS_AUTH_TOKEN', secret: ID, key: 'runners-token' },
          { name: 'N8N_BLOCK_ENV_ACCESS_IN_NODE', value: 'true' },
        ],
      },
      { from: 'apps.n8n.timezone', variables: [{ name: 'GENERIC_TIMEZONE', value: wish.timezone }] },
      { from: 'metrics.enabled', variables: [{ name: 'N8N_METRICS', value: metrics }] },
      {
        from: 'nothing is told to others',
        variables: [
          { name: 'N8N_DIAGNOSTICS_ENABLED', value: 'false' },
          { name: 'N8N_VERSION_NOTIFICATIONS_ENABLED', value: 'false' },
        ],
      },
      mailSettings(mail),
      {
        // Workers have no part in the server's volume.
        from: 'where files of workflows are kept',
        variables: [{ name: 'N8N_DEFAULT_BINARY_DATA_MODE', value: valkey === undefined ? 'filesystem' : 'database' }],
      },
      queueSettings(valkey),
    ];

    const server: Component = {
      name: 'server',
      image,
      user: NODE,
      group: NODE,
      // The owner's hash is what follows the name in the login.
      command: [
        'tini',
        '--',
        'sh',
        '-c',
        'N8N_INSTANCE_OWNER_PASSWORD_HASH="${OWNER_LOGIN#*:}" exec /docker-entrypoint.sh',
      ],
      port: PORT,
      settings: [
        ...common,
        {
          // Written before it listens, at every start: nobody else can become the owner.
          from: 'the owner',
          variables: [
            { name: 'N8N_INSTANCE_OWNER_MANAGED_BY_ENV', value: 'true' },
            { name: 'N8N_INSTANCE_OWNER_EMAIL', value: owner },
            { name: 'OWNER_LOGIN', secret: ID, key: 'owner-login' },
          ],
        },
      ],
      mounts: [
        { path: HOME, empty: '512Mi' },
        { path: `${HOME}/.n8n`, volume: VOLUME },
        { path: '/tmp', empty: '1Gi' },
        database.authorityMount,
      ],
      beside: [runners],
      health: { path: '/healthz', ready: '/healthz/readiness', startSeconds: 300 },
      resources: SERVER,
      // Running workflows are let finish.
      graceSeconds: 60,
    };
    const worker: Component = {
      name: 'worker',
      image,
      user: NODE,
      group: NODE,
      args: ['worker'],
      replicas: wish.workers,
      port: PORT,
      settings: [...common, { from: 'probes', variables: [{ name: 'QUEUE_HEALTH_CHECK_ACTIVE', value: 'true' }] }],
      mounts: [{ path: HOME, empty: '512Mi' }, { path: '/tmp', empty: '1Gi' }, database.authorityMount],
      beside: [runners],
      health: { path: '/healthz', ready: '/healthz/readiness', startSeconds: 300 },
      resources: WORKER,
      graceSeconds: 60,
    };

    const app = webApp(request, ID, {
      components: valkey === undefined ? [server] : [server, worker],
      volumes: [{ name: VOLUME, size: wish.storage, option: 'apps.n8n.storage', fileBackup: true }],
      hosts: [
        {
          name: editor,
          component: 'server',
          purpose: 'the editor of workflows',
          closed: ['/metrics'],
          login: { user: owner, secret: PASSWORD },
        },
        { name: webhooks, component: 'server', purpose: 'what other programs call', paths: WEBHOOK_PATHS },
      ],
      secret: {
        'encryption-key': [{ secret: ENCRYPTION_KEY }],
        'owner-login': [{ secret: LOGIN }],
        'runners-token': [{ secret: RUNNERS_TOKEN }],
      },
      needs: [
        database.need,
        ...(mail === undefined ? [] : [mail.need]),
        ...(valkey === undefined ? [] : [valkey.need]),
      ],
      // Workflows talk to the services of others.
      internetPorts: [80, 443],
      monitors: [
        { component: 'server', path: '/metrics' },
        ...(valkey === undefined ? [] : [{ component: 'worker', path: '/metrics' }]),
      ],
      ...scheduleOf(wish.backups),
      timeoutSeconds: 600,
      keeps: 'files of workflows; the workflows themselves are in its database',
    });
    return together(
      {
        wafExclusions: n8nExclusions(editor),
        secrets: [
          {
            name: PASSWORD,
            description: `Password of ${owner} at ${editor}.`,
            supply: { kind: 'generated', length: 24, alphabet: 'alphanumeric' },
          },
          {
            name: LOGIN,
            description: 'What n8n compares the password of its owner with.',
            supply: { kind: 'derived', from: PASSWORD, as: 'htpasswd', user: 'owner' },
          },
          {
            name: ENCRYPTION_KEY,
            description: 'Encrypts the credentials that workflows use. Without it they cannot be read.',
            supply: { kind: 'generated', length: 32, alphabet: 'alphanumeric' },
            neverRotates: 'n8n has no way to encrypt what it stored with another key',
          },
          {
            name: RUNNERS_TOKEN,
            description: 'What the containers that run code of workflows show to n8n.',
            supply: { kind: 'generated', length: 32, alphabet: 'alphanumeric' },
          },
        ],
      },
      app,
    );
  },
};

/** Runs the code that people write into workflows, out of reach of what n8n knows; its version is n8n's. */
function runnersOf(version: string): Beside {
  return {
    name: 'runners',
    image: `docker.io/n8nio/runners:${version}`,
    variables: [
      { name: 'N8N_RUNNERS_TASK_BROKER_URI', value: 'http://127.0.0.1:5679' },
      { name: 'N8N_RUNNERS_AUTH_TOKEN', secret: ID, key: 'runners-token' },
    ],
    mounts: [{ path: '/tmp', empty: '256Mi' }],
    resources: RUNNERS,
  };
}

function mailSettings(mail: ReturnType<typeof mailServer>): Settings {
  if (mail === undefined) return { from: 'mail.smtp', variables: [{ name: 'N8N_EMAIL_MODE', value: '' }] };
  return {
    from: 'mail.smtp',
    variables: [
      { name: 'N8N_EMAIL_MODE', value: 'smtp' },
      { name: 'N8N_SMTP_HOST', value: mail.host },
      { name: 'N8N_SMTP_PORT', value: String(mail.port) },
      { name: 'N8N_SMTP_SSL', value: String(mail.tls === 'tls') },
      { name: 'N8N_SMTP_STARTTLS', value: String(mail.tls === 'starttls') },
      { name: 'N8N_SMTP_SENDER', value: mail.from },
      ...(mail.user === undefined
        ? []
        : [
            { name: 'N8N_SMTP_USER', value: mail.user },
            { name: 'N8N_SMTP_PASS', secret: ID, key: SMTP_PASSWORD_KEY },
          ]),
    ],
  };
}

function queueSettings(valkey: AppValkey | undefined): Settings {
  if (valkey === undefined) return { from: 'apps.n8n.workers', variables: [] };
  return {
    from: 'apps.n8n.workers',
    variables: [
      { name: 'EXECUTIONS_MODE', value: 'queue' },
      { name: 'OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS', value: 'true' },
      { name: 'QUEUE_BULL_REDIS_HOST', value: valkey.host },
      { name: 'QUEUE_BULL_REDIS_PORT', value: String(valkey.port) },
      { name: 'QUEUE_BULL_REDIS_PASSWORD', secret: ID, key: VALKEY_PASSWORD_KEY },
    ],
  };
}
