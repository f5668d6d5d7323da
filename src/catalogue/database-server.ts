/** What Postgres and MariaDB have in common as systems: one release each, which knows no app by name. */
import { z } from 'zod';
import type { KubernetesSecret, SecretWant } from '../model/blueprint.ts';
import type { SystemEntry } from '../model/plugs.ts';
import { imageOf } from './database-images.ts';
import { DATABASES_NAMESPACE, PASSWORD_KEY, servers, type DatabaseEngine } from './databases.ts';
import { PROMETHEUS_CRDS } from './prometheus-crds/entry.ts';
import { RESTRICTED } from './pod-security.ts';

/** `product` is its name for people. */
export function databaseSystem(engine: DatabaseEngine, product: string): SystemEntry {
  const { host, administrator, certificate, clientLabels } = servers[engine];
  const volume = `${engine}-data`;
  const provisioner = `${engine}-databases`;
  return {
    id: engine,
    kind: 'system',
    title: product,
    home: 'data',
    options: z.strictObject({}),
    wanted: (_environment, { databases }) => databases.some((database) => database.engine === engine),
    contribute: ({ environment, origins, offer, namespace, stack }) => {
      const { version, memory, storage } = environment.databases[engine];
      const origin = origins.of(`databases.${engine}`);
      const written = { namespace, stack, origin };
      const administratorData: KubernetesSecret['data'] = { [PASSWORD_KEY]: [{ secret: administrator.secret }] };
      const certificateData: KubernetesSecret['data'] = {
        'tls.crt': [{ secret: certificate.secret, part: 'tls.crt' }],
        'tls.key': [{ secret: certificate.secret, part: 'tls.key' }],
        'ca.crt': [{ secret: certificate.secret, part: 'ca.crt' }],
      };
      return {
        namespaceLabels: RESTRICTED,
        secrets: [
          {
            name: administrator.secret,
            description: `${product}'s administrator ${administrator.user}; no app has it.`,
            supply: { kind: 'generated', length: 40, alphabet: 'alphanumeric' },
          },
          certificateWant(engine, product),
        ],
        kubernetesSecrets: [
          { ...written, name: administrator.kubernetesSecret, data: administratorData },
          { ...written, name: certificate.kubernetesSecret, data: certificateData },
        ],
        provisioners: [{ engine, namespace, stack, cronJob: provisioner, secret: provisioner }],
        volumes: [{ name: volume, namespace, release: engine, size: storage, owner: engine, fileBackup: false }],
        releases: [
          {
            name: engine,
            namespace,
            entry: engine,
            chart: { kind: 'first-party', name: engine },
            values: engine,
            context: {
              image: imageOf(environment, engine),
              version,
              memory,
              volume,
              storage,
              storageClass: offer.storageClass ?? null,
              administrator: administrator.kubernetesSecret,
              passwordKey: PASSWORD_KEY,
              certificate: certificate.kubernetesSecret,
              clientLabels,
              host,
              databases: provisioner,
              metrics: environment.metrics.enabled,
            },
            timeoutSeconds: 900,
            after: [PROMETHEUS_CRDS],
            reads: [administrator, certificate].map(({ kubernetesSecret }) => `${namespace}/${kubernetesSecret}`),
            origin,
            holdsData: { name: volume, what: `every database in ${product}` },
            workloads: true,
          },
        ],
      };
    },
  };
}

/** Every name by which a pod of the cluster may call the server. */
function certificateWant(engine: DatabaseEngine, product: string): SecretWant {
  const service = `${engine}.${DATABASES_NAMESPACE}`;
  return {
    name: servers[engine].certificate.secret,
    description: `What apps know ${product} by, and what it proves itself with.`,
    supply: {
      kind: 'certificate',
      hosts: [`${service}.svc.cluster.local`, `${service}.svc`, service, engine, 'localhost'],
    },
  };
}
