/** WordPress: the site at the root domain. The core comes with the image, what people add lies on a volume. */
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { email, gibibytes, quantity } from '../../model/formats.ts';
import { ownImage } from '../../model/image.ts';
import type { AppEntry, EntryRequest } from '../../model/plugs.ts';
import { databaseNeed } from '../database-need.ts';
import { urlOf } from '../../model/url.ts';
import { hostBelow, rootHost } from '../ingress.ts';
import { mailServer, SMTP_PASSWORD_KEY } from '../mail.ts';
import { ACCESS_KEY, objectStore, refuseWithoutStorage, SECRET_KEY } from '../object-store.ts';
import { ownBackups, refuseWithoutBackups, scheduleOf } from '../own-backups.ts';
import { costsOf, type Resources } from '../sizes.ts';
import { together, webApp, type Settings } from '../web-app.ts';
import { apacheSite, APACHE_PORTS, FOLDER, INSTALL, PHP_SETTINGS, SETTINGS } from './files.ts';
import { wordpressExclusions } from '../waf-exclusions.ts';

const ID = 'wordpress';
const VERSION = '7.1.2';
const PHP = 'php8.3';
const IMAGE = `docker.io/library/wordpress:${VERSION}-${PHP}-apache`;
const CLI_IMAGE = `docker.io/library/wordpress:cli-2.12.0-${PHP}`;
/** www-data, the user that Apache of this image changes to. */
const WWW_DATA = 33;
const PASSWORD = `${ID}.adminPassword`;
const SALT = `${ID}.salt`;
const ADMIN = 'admin';
const VOLUME = 'wordpress-content';
const SERVER: Resources = { cpu: 100, memory: 256, memoryLimit: 768 };
const MEDIA_PLUGIN = 'amazon-s3-and-cloudfront';
/** The plugin knows the addresses of a few clouds and no others. */
const KNOWN_TO_PLUGIN = /\.digitaloceanspaces\.com$/;
const SALTS = [
  'AUTH_KEY',
  'SECURE_AUTH_KEY',
  'LOGGED_IN_KEY',
  'NONCE_KEY',
  'AUTH_SALT',
  'SECURE_AUTH_SALT',
  'LOGGED_IN_SALT',
  'NONCE_SALT',
] as const;

const options = z.strictObject({
  title: z.string().min(1).max(200).default('A new site').describe('Title of the site when it is first installed.'),
  adminEmail: email.optional().describe('Address of its administrator; `admin@` the root domain when absent.'),
  storage: quantity.default('10Gi').describe('Size of the volume with plugins, themes and uploads; it can only grow.'),
  media: z
    .enum(['volume', 's3'])
    .default('volume')
    .describe('Where uploads are served from: the volume, or a bucket that a plugin copies them to.'),
  image: ownImage,
  backups: ownBackups,
});

export const wordpress: AppEntry = {
  id: ID,
  kind: 'app',
  title: 'WordPress, the site at the root domain',
  home: 'app',
  summary: 'The site at your root domain, with www redirected to it',
  version: VERSION,
  upgrades: { guide: 'https://wordpress.org/download/releases/' },
  questions: ['title', 'adminEmail', 'storage', 'media'],
  options,
  check: (environment) => {
    const { media, backups } = options.parse(environment.apps[ID]);
    return [
      ...refuseWithoutBackups(environment, backups, `apps.${ID}.backups`),
      ...(media === 's3' ? refuseWithoutStorage(environment, `apps.${ID}.media`) : []),
    ];
  },
  costs: (environment) => costsOf(environment, [SERVER], gibibytes(options.parse(environment.apps[ID]).storage)),
  contribute: (request) => {
    const { environment } = request;
    const wish = options.parse(environment.apps[ID]);
    const host = rootHost(environment);
    const home = urlOf(environment, host);
    const database = databaseNeed(request, 'mariadb', ID);
    const mail = mailServer(environment);
    const media = wish.media === 's3' ? mediaStore(request) : undefined;
    const app = webApp(request, ID, {
      components: [
        {
          name: 'server',
          image: wish.image ?? IMAGE,
          user: WWW_DATA,
          group: WWW_DATA,
          port: 8080,
          settings: [
            { from: 'rootDomain', variables: [{ name: 'WORDPRESS_HOME', value: home }] },
            {
              from: 'its database',
              variables: [
                { name: 'WORDPRESS_DB_HOST', value: `${database.host}:${database.port}` },
                { name: 'WORDPRESS_DB_NAME', value: database.database.name },
                { name: 'WORDPRESS_DB_USER', value: database.database.user },
                database.passwordAs('WORDPRESS_DB_PASSWORD'),
              ],
            },
            { from: 'what cookies are signed with', variables: SALTS.map(saltVariable) },
            {
              from: 'more than variables can say',
              variables: [{ name: 'WORDPRESS_CONFIG_EXTRA', value: `require '${FOLDER}/settings.php';` }],
            },
            mailSettings(mail),
            mediaSettings(media),
          ],
          mounts: [
            // The core is copied here from the image at every start: an upgrade is another image.
            { path: '/var/www/html', empty: '512Mi' },
            { path: '/var/www/html/wp-content', volume: VOLUME, subPath: 'wp-content' },
            { path: '/etc/apache2/ports.conf', file: 'ports.conf' },
            { path: '/etc/apache2/sites-available/000-default.conf', file: 'site.conf' },
            { path: '/usr/local/etc/php/conf.d/ffops.ini', file: 'php.ini' },
            { path: `${FOLDER}/settings.php`, file: 'settings.php' },
            { path: `${FOLDER}/install.sh`, file: 'install.sh' },
            { path: '/run/apache2', empty: '16Mi' },
            { path: '/run/lock/apache2', empty: '16Mi' },
            { path: '/tmp', empty: '512Mi' },
          ],
          setUp: [
            // The image's own way to lay down the core without serving it yet.
            { name: 'core', command: ['docker-ensure-installed.sh', 'true'] },
            {
              name: 'administrator',
              image: CLI_IMAGE,
              command: ['sh', `${FOLDER}/install.sh`],
              variables: [
                { name: 'HOME', value: '/tmp' },
                { name: 'WORDPRESS_TITLE', value: wish.title },
                { name: 'WORDPRESS_ADMIN_USER', value: ADMIN },
                { name: 'WORDPRESS_ADMIN_EMAIL', value: wish.adminEmail ?? `${ADMIN}@${host}` },
                { name: 'WORDPRESS_ADMIN_PASSWORD', secret: ID, key: 'admin-password' },
                { name: 'WORDPRESS_MEDIA_PLUGIN', value: media === undefined ? '' : MEDIA_PLUGIN },
              ],
            },
          ],
          // A file of the core: the site is alive without its database, and ready only with it.
          health: { path: '/wp-includes/images/blank.gif', ready: '/wp-login.php', startSeconds: 120 },
          resources: SERVER,
        },
      ],
      volumes: [{ name: VOLUME, size: wish.storage, option: 'apps.wordpress.storage', fileBackup: true }],
      files: {
        'ports.conf': APACHE_PORTS,
        'site.conf': apacheSite(home, hostBelow(environment, 'www')),
        'php.ini': PHP_SETTINGS,
        'settings.php': SETTINGS,
        'install.sh': INSTALL,
      },
      hosts: [
        {
          name: host,
          component: 'server',
          purpose: 'your site; its pages for authors are below /wp-admin/',
          login: { user: ADMIN, secret: PASSWORD },
        },
        { name: hostBelow(environment, 'www'), component: 'server', purpose: 'sends people to your site' },
      ],
      secret: {
        'admin-password': [{ secret: PASSWORD }],
        // Each is another text, so that what is signed for one purpose is worth nothing for the next.
        ...Object.fromEntries(SALTS.map((name) => [saltKey(name), [{ text: `${name}:` }, { secret: SALT }]])),
      },
      needs: [database.need, ...(mail === undefined ? [] : [mail.need]), ...(media === undefined ? [] : [media.need])],
      // Plugins and themes come from wordpress.org, and speak to services of theirs.
      internetPorts: [80, 443],
      ...scheduleOf(wish.backups),
      timeoutSeconds: 600,
      keeps: 'uploads, plugins and themes of the site',
    });
    return together(
      {
        wafExclusions: wordpressExclusions(host),
        secrets: [
          {
            name: PASSWORD,
            description: `Password of \`${ADMIN}\` at ${host} when it is first installed.`,
            supply: { kind: 'generated', length: 24, alphabet: 'alphanumeric' },
            neverRotates: 'WordPress reads it once, when it is installed: change it in its pages',
          },
          {
            name: SALT,
            description: 'Signs the cookies of everyone who is logged in to WordPress.',
            supply: { kind: 'generated', length: 64, alphabet: 'alphanumeric' },
          },
        ],
      },
      app,
    );
  },
};

function saltKey(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function saltVariable(name: string) {
  return { name: `WORDPRESS_${name}`, secret: ID, key: saltKey(name) };
}

function mailSettings(mail: ReturnType<typeof mailServer>): Settings {
  if (mail === undefined) return { from: 'mail.smtp', variables: [] };
  return {
    from: 'mail.smtp',
    variables: [
      { name: 'WORDPRESS_SMTP_HOST', value: mail.host },
      { name: 'WORDPRESS_SMTP_PORT', value: String(mail.port) },
      { name: 'WORDPRESS_SMTP_TLS', value: mail.tls },
      { name: 'WORDPRESS_SMTP_FROM', value: mail.from },
      ...(mail.user === undefined
        ? []
        : [
            { name: 'WORDPRESS_SMTP_USER', value: mail.user },
            { name: 'WORDPRESS_SMTP_PASSWORD', secret: ID, key: SMTP_PASSWORD_KEY },
          ]),
    ],
  };
}

function mediaStore(request: EntryRequest) {
  const store = objectStore(request, ID, 'media');
  if (!KNOWN_TO_PLUGIN.test(new URL(store.endpoint).hostname)) {
    const origin = request.origins.of(`apps.${ID}.media`);
    throw new UserError('apps.media', {
      message: 'The plugin that copies uploads to a bucket does not know the object storage of this environment.',
      ...(origin.kind === 'file' ? { at: { file: origin.file, line: origin.line, column: origin.column } } : {}),
      hints: ['Write `media: volume`, or leave the option out.'],
    });
  }
  return store;
}

function mediaSettings(store: ReturnType<typeof objectStore> | undefined): Settings {
  if (store === undefined) return { from: 'apps.wordpress.media', variables: [] };
  return {
    from: 'apps.wordpress.media',
    variables: [
      { name: 'WORDPRESS_MEDIA_BUCKET', value: store.bucket },
      { name: 'WORDPRESS_MEDIA_REGION', value: store.region },
      { name: 'WORDPRESS_MEDIA_ACCESS_KEY', secret: ID, key: ACCESS_KEY },
      { name: 'WORDPRESS_MEDIA_SECRET_KEY', secret: ID, key: SECRET_KEY },
    ],
  };
}
