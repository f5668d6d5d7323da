/** Zot: a registry for images of your own. */
import type { SecretWant } from '../../model/blueprint.ts';
import { gibibytes } from '../../model/formats.ts';
import type { AppEntry } from '../../model/plugs.ts';
import type { Finding } from '../../model/registry.ts';
import { hostBelow } from '../ingress.ts';
import { ACCESS_KEY, objectStore, refuseWithoutStorage, SECRET_KEY } from '../object-store.ts';
import { refuseWithoutBackups, scheduleOf } from '../own-backups.ts';
import { costsOf, type Resources } from '../sizes.ts';
import { together, webApp } from '../web-app.ts';
import { ADMIN, configuration, LOGINS, MONITOR, ROOT, S3_ADDRESS } from './configuration.ts';
import { options } from './options.ts';
import { registryExclusions } from '../waf-exclusions.ts';

const ID = 'registry';
const VERSION = '2.1.21';
const DIGEST = 'sha256:6b69512c00dceaad05b1144e6079aac6aa7309d7fd200f9947ecb1de09cf48c8';
const IMAGE = `ghcr.io/project-zot/zot:v${VERSION}@${DIGEST}`;
const VOLUME = 'registry-images';
const SERVER: Resources = { cpu: 100, memory: 128, memoryLimit: 512 };
/** The image names no user. */
const NOBODY = 65532;

export const registry: AppEntry = {
  id: ID,
  kind: 'app',
  title: 'Zot, a registry of images',
  home: 'app',
  summary: 'A registry for your own container images, with a web page',
  version: VERSION,
  upgrades: { guide: 'https://github.com/project-zot/zot/releases' },
  questions: ['access', 'files', 'storage', 'keepTags'],
  askedWhen: { storage: { files: 'volume' } },
  options,
  check: (environment) => {
    const { access, files, backups } = options.parse(environment.apps[ID]);
    const findings: Finding[] = [...refuseWithoutBackups(environment, backups, `apps.${ID}.backups`)];
    if (files === 's3') findings.push(...refuseWithoutStorage(environment, `apps.${ID}.files`));
    if (access === 'open' && environment.dns.provider !== 'none') {
      findings.push({
        path: `apps.${ID}.access`,
        message: 'Anyone on the internet could push to this registry.',
        hints: ['Write `pull` to let anyone pull, or `login`.'],
      });
    }
    return findings;
  },
  costs: (environment) => {
    const { files, storage } = options.parse(environment.apps[ID]);
    return costsOf(environment, [SERVER], files === 's3' ? 0 : gibibytes(storage));
  },
  contribute: (request) => {
    const { environment } = request;
    const wish = { ...options.parse(environment.apps[ID]), metrics: environment.metrics.enabled };
    const host = hostBelow(environment, ID);
    const store = wish.files === 's3' ? objectStore(request, ID, 'files') : undefined;
    const locked = wish.access !== 'open';
    const measured = locked && wish.metrics;
    const logins = locked ? [login(ADMIN, host), ...(measured ? [login(MONITOR, host)] : [])] : [];
    const app = webApp(request, ID, {
      components: [
        {
          name: 'server',
          image: wish.image ?? IMAGE,
          user: NOBODY,
          group: NOBODY,
          args: ['serve', '/etc/zot/config.json'],
          port: 5000,
          settings: [
            {
              from: 'apps.registry.files',
              variables:
                store === undefined
                  ? []
                  : [
                      { name: 'AWS_ACCESS_KEY_ID', secret: ID, key: ACCESS_KEY },
                      { name: 'AWS_SECRET_ACCESS_KEY', secret: ID, key: SECRET_KEY },
                    ],
            },
          ],
          mounts: [
            { path: '/etc/zot/config.json', file: 'config.json' },
            ...(locked ? [{ path: LOGINS, secret: ID, key: 'htpasswd' }] : []),
            store === undefined ? { path: ROOT, volume: VOLUME } : { path: ROOT, empty: '2Gi' },
            { path: '/tmp', empty: '1Gi' },
          ],
          health: { path: '/livez', ready: '/readyz', startSeconds: 300 },
          resources: SERVER,
          // A push in flight is let finish.
          graceSeconds: 60,
        },
      ],
      volumes:
        store === undefined
          ? [{ name: VOLUME, size: wish.storage, option: 'apps.registry.storage', fileBackup: true }]
          : [],
      files: {
        'config.json': configuration({
          ...wish,
          ...(store === undefined ? {} : { bucket: { name: store.bucket, region: store.region } }),
        }),
      },
      ...(store === undefined ? {} : { inserts: { [S3_ADDRESS]: store.variable } }),
      hosts: [
        {
          name: host,
          component: 'server',
          purpose: 'your images, for docker and in a browser',
          closed: ['/metrics'],
          ...(locked ? { login: { user: ADMIN, secret: passwordOf(ADMIN) } } : {}),
        },
      ],
      secret: locked
        ? {
            htpasswd: logins.flatMap(({ hashed }) => [{ secret: hashed.name }, { text: '\n' }]),
            ...(measured
              ? { 'metrics-user': [{ text: MONITOR }], 'metrics-password': [{ secret: passwordOf(MONITOR) }] }
              : {}),
          }
        : {},
      needs: store === undefined ? [] : [store.need],
      monitors: [
        {
          component: 'server',
          path: '/metrics',
          ...(measured ? { user: { name: 'metrics-user', password: 'metrics-password' } } : {}),
        },
      ],
      ...scheduleOf(wish.backups),
      timeoutSeconds: 300,
      keeps: 'the images of the registry',
    });
    return together(
      {
        wafExclusions: registryExclusions(host),
        secrets: logins.flatMap(({ password, hashed }) => [password, hashed]),
      },
      app,
    );
  },
};

function passwordOf(user: string): string {
  return `${ID}.${user}Password`;
}

/** The password that a person or a program sends, and what the registry compares it with. */
function login(user: string, host: string): { readonly password: SecretWant; readonly hashed: SecretWant } {
  return {
    password: {
      name: passwordOf(user),
      description: `Password of \`${user}\` at ${host}.`,
      supply: { kind: 'generated', length: 32, alphabet: 'alphanumeric' },
    },
    hashed: {
      name: `${ID}.${user}Login`,
      description: `What the registry compares the password of \`${user}\` with.`,
      supply: { kind: 'derived', from: passwordOf(user), as: 'htpasswd', user },
    },
  };
}
