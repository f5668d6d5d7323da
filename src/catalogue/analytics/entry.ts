/** Vince: visitors of web sites, counted without cookies. One program, one volume. */
import { z } from 'zod';
import { dnsName, gibibytes, quantity } from '../../model/formats.ts';
import { ownImage } from '../../model/image.ts';
import type { AppEntry } from '../../model/plugs.ts';
import { urlOf } from '../../model/url.ts';
import { hostBelow } from '../ingress.ts';
import { ownBackups, refuseWithoutBackups, scheduleOf } from '../own-backups.ts';
import { costsOf, type Resources } from '../sizes.ts';
import { together, webApp } from '../web-app.ts';

const ID = 'analytics';
const VERSION = '1.11.8';
const IMAGE = `ghcr.io/vinceanalytics/vince:v${VERSION}`;
const PASSWORD = `${ID}.adminPassword`;
const ADMIN = 'admin';
const VOLUME = 'analytics-events';
const SERVER: Resources = { cpu: 50, memory: 128, memoryLimit: 512 };
/** The image names no user. */
const NOBODY = 65532;

const options = z.strictObject({
  sites: z
    .array(dnsName)
    .min(1)
    .optional()
    .describe('Sites that are counted from the first day, the root domain when absent; more are added in its pages.'),
  storage: quantity.default('5Gi').describe('Size of the volume with the events; it can only grow.'),
  image: ownImage,
  backups: ownBackups,
});

export const analytics: AppEntry = {
  id: ID,
  kind: 'app',
  title: 'Vince, web analytics',
  home: 'app',
  summary: 'Web analytics without cookies, in one small program',
  version: VERSION,
  upgrades: { guide: 'https://github.com/vinceanalytics/vince/releases' },
  questions: ['sites', 'storage'],
  options,
  check: (environment) =>
    refuseWithoutBackups(environment, options.parse(environment.apps[ID]).backups, `apps.${ID}.backups`),
  costs: (environment) => costsOf(environment, [SERVER], gibibytes(options.parse(environment.apps[ID]).storage)),
  contribute: (request) => {
    const { environment } = request;
    const { sites, storage, image, backups } = options.parse(environment.apps[ID]);
    const host = hostBelow(environment, 'insights');
    const password = {
      name: PASSWORD,
      description: `Password of \`${ADMIN}\` at ${host}.`,
      supply: { kind: 'generated', length: 24, alphabet: 'alphanumeric' },
    } as const;
    const app = webApp(request, ID, {
      components: [
        {
          name: 'server',
          image: image ?? IMAGE,
          user: NOBODY,
          group: NOBODY,
          args: ['serve'],
          port: 8080,
          settings: [
            {
              from: 'rootDomain',
              variables: [
                { name: 'VINCE_URL', value: urlOf(environment, host) },
                { name: 'VINCE_DEMO_URL', value: environment.rootDomain },
              ],
            },
            {
              from: 'apps.analytics.sites',
              variables: [{ name: 'VINCE_DOMAINS', value: (sites ?? [environment.rootDomain]).join(',') }],
            },
            {
              // Written before it listens, at every start: nobody else can become the administrator.
              from: 'the administrator',
              variables: [
                { name: 'VINCE_ADMIN_NAME', value: ADMIN },
                { name: 'VINCE_ADMIN_PASSWORD', secret: ID, key: 'admin-password' },
              ],
            },
            { from: 'apps.analytics.storage', variables: [{ name: 'VINCE_DATA', value: '/data' }] },
          ],
          mounts: [
            { path: '/data', volume: VOLUME },
            { path: '/tmp', empty: '64Mi' },
          ],
          health: { path: '/login', startSeconds: 120 },
          resources: SERVER,
        },
      ],
      volumes: [{ name: VOLUME, size: storage, option: 'apps.analytics.storage', fileBackup: true }],
      hosts: [
        {
          name: host,
          component: 'server',
          purpose: 'visitors of your sites',
          login: { user: ADMIN, secret: PASSWORD },
        },
      ],
      secret: { 'admin-password': [{ secret: PASSWORD }] },
      ...scheduleOf(backups),
      timeoutSeconds: 300,
      keeps: 'the events that were counted',
    });
    return together({ secrets: [password] }, app);
  },
};
