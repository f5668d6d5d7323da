/** The smallest app that has one of everything: a volume, a secret, a host name and two options. */
import { z } from 'zod';
import { gibibytes, quantity } from '../../model/formats.ts';
import type { AppEntry } from '../../model/plugs.ts';
import { hostBelow, ingressOf } from '../ingress.ts';

const HELLO = 'hello';
const TOKEN = 'hello.token';
const SECRET = 'hello-token';
const VOLUME = 'hello-files';

const options = z.strictObject({
  greeting: z.string().max(200).default('Hello').describe('What the page says.'),
  storage: quantity.default('1Gi').describe('Size of the volume with the files it serves; it can only grow.'),
});

export const hello: AppEntry = {
  id: HELLO,
  kind: 'app',
  title: 'Hello, a page that proves the platform works',
  home: 'app',
  summary: 'A page, a volume and a token',
  version: '1.28.0',
  questions: ['greeting', 'storage'],
  options,
  costs: ({ apps }) => ({ memoryMi: 16, diskGi: gibibytes(options.parse(apps[HELLO]).storage) }),
  contribute: ({ environment, origins, offer, namespace, stack }) => {
    const { greeting, storage } = options.parse(environment.apps[HELLO]);
    const host = hostBelow(environment, HELLO);
    const origin = origins.of('apps.hello');
    return {
      hosts: [{ name: host, owner: HELLO, purpose: 'the page, and its files below /files/', origin }],
      secrets: [
        {
          name: TOKEN,
          description: 'Opens /files/: sent as the header X-Hello-Token.',
          supply: { kind: 'generated', length: 32, alphabet: 'alphanumeric' },
        },
      ],
      kubernetesSecrets: [{ namespace, name: SECRET, stack, origin, data: { token: [{ secret: TOKEN }] } }],
      volumes: [{ name: VOLUME, namespace, release: HELLO, size: storage, owner: HELLO, fileBackup: true }],
      releases: [
        {
          name: HELLO,
          namespace,
          entry: HELLO,
          chart: { kind: 'first-party', name: 'hello' },
          values: 'hello',
          context: {
            greeting,
            storage,
            storageClass: offer.storageClass ?? null,
            volume: VOLUME,
            secret: SECRET,
            ingress: ingressOf(environment, host),
          },
          timeoutSeconds: 300,
          after: [],
          reads: [`${namespace}/${SECRET}`],
          origin,
          holdsData: { name: VOLUME, what: 'the files of hello' },
          workloads: true,
        },
      ],
    };
  },
};
