import { Informer } from '../kubernetes/informer.ts';
import { keyOf, splitKey, type Condition, type KubeObject } from '../kubernetes/objects.ts';
import { Reconciler } from '../kubernetes/reconciler.ts';
import type { Controller, Ingress, Scene } from './controller.ts';
import { isAtWork } from './pods-of.ts';
import { together, whileServed } from './while-served.ts';

interface Resource extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly generation?: number };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

const API = '/apis/cert-manager.io/v1';
const DAY_MS = 24 * 3600 * 1000;
const VALID_DAYS = 90;
const RENEWED_AFTER_DAYS = 60;
const ISSUER_ANNOTATIONS = [
  ['cert-manager.io/cluster-issuer', 'ClusterIssuer'],
  ['cert-manager.io/issuer', 'Issuer'],
] as const;

/**
 * Plays cert-manager, as far as others see it: issuers are registered, an Ingress that names one gets its Certificate,
 * and Certificates become Ready with the dates of a real one. No key is made and no authority is asked.
 */
export function startCertificates(scene: Scene): Controller {
  const { definitions } = scene.watched;
  return together([
    whileServed(definitions, 'clusterissuers.cert-manager.io', () => keepReady(scene, 'clusterissuers', issuerStatus)),
    whileServed(definitions, 'issuers.cert-manager.io', () => keepReady(scene, 'issuers', issuerStatus)),
    whileServed(definitions, 'certificates.cert-manager.io', () =>
      together([keepReady(scene, 'certificates', certificateStatus), requestCertificates(scene)]),
    ),
  ]);
}

function keepReady(
  { client, watched, report }: Scene,
  plural: string,
  status: (resource: Resource, now: Date) => object,
): Controller {
  const resources = new Informer<Resource>(client, { path: `${API}/${plural}` });
  const reconciler = new Reconciler(async (key) => {
    const resource = resources.get(key);
    if (resource === undefined || isReady(resource) || !watched.deployments.all().some(isCertManager)) return;
    await client.patch(`${pathOf(plural, resource)}/status`, 'merge', { status: status(resource, new Date()) });
  }, report);
  const stops = [
    resources.onChange((key) => reconciler.enqueue(key)),
    watched.deployments.onChange((_key, deployment) => {
      if (deployment !== undefined && isCertManager(deployment))
        resources.all().forEach((one) => reconciler.enqueue(keyOf(one)));
    }),
  ];
  resources.start();
  return {
    stop() {
      for (const stop of stops) stop();
      resources.stop();
      reconciler.stop();
    },
  };
}

function requestCertificates(scene: Scene): Controller {
  const { client, watched, report } = scene;
  const reconciler = new Reconciler(async (key) => {
    const ingress = watched.ingresses.get(key);
    if (ingress === undefined || ingress.metadata.deletionTimestamp !== undefined) return;
    if (!watched.deployments.all().some(isCertManager)) return;
    const { namespace } = splitKey(key);
    for (const certificate of certificatesOf(ingress)) {
      await client.patch(
        `${API}/namespaces/${namespace}/certificates/${certificate.metadata.name}`,
        'apply',
        certificate,
      );
    }
  }, report);
  const stops = [
    watched.ingresses.onChange((key) => reconciler.enqueue(key)),
    watched.deployments.onChange((_key, deployment) => {
      if (deployment !== undefined && isCertManager(deployment))
        watched.ingresses.all().forEach((one) => reconciler.enqueue(keyOf(one)));
    }),
  ];
  return {
    stop() {
      for (const stop of stops) stop();
      reconciler.stop();
    },
  };
}

/** One for each Secret that the Ingress takes a certificate from; it goes with the Ingress. */
export function certificatesOf(ingress: Ingress) {
  const issuer = ISSUER_ANNOTATIONS.map(([annotation, kind]) => ({
    name: ingress.metadata.annotations?.[annotation],
    kind,
  })).find(({ name }) => name !== undefined);
  if (issuer === undefined) return [];
  const { name, namespace, uid } = ingress.metadata;
  return (ingress.spec.tls ?? []).flatMap(({ hosts, secretName }) =>
    secretName === undefined
      ? []
      : [
          {
            apiVersion: 'cert-manager.io/v1',
            kind: 'Certificate',
            metadata: {
              name: secretName,
              namespace,
              ownerReferences: [
                {
                  apiVersion: 'networking.k8s.io/v1',
                  kind: 'Ingress',
                  name,
                  uid,
                  controller: true,
                  blockOwnerDeletion: true,
                },
              ],
            },
            spec: {
              secretName,
              dnsNames: hosts ?? [],
              issuerRef: { ...issuer, group: 'cert-manager.io' },
              usages: ['digital signature', 'key encipherment'],
            },
          },
        ],
  );
}

function issuerStatus({ metadata }: Resource, now: Date): object {
  const message = 'The ffops sandbox stands in for the authority';
  return { conditions: [ready('ACMEAccountRegistered', message, metadata.generation, now)] };
}

function certificateStatus({ metadata }: Resource, now: Date): object {
  const after = (days: number): string => secondsOnly(new Date(now.getTime() + days * DAY_MS));
  return {
    conditions: [ready('Ready', 'Certificate is up to date and has not expired', metadata.generation, now)],
    notBefore: secondsOnly(now),
    notAfter: after(VALID_DAYS),
    renewalTime: after(RENEWED_AFTER_DAYS),
    revision: 1,
  };
}

function ready(reason: string, message: string, generation: number | undefined, now: Date): object {
  return {
    type: 'Ready',
    status: 'True',
    reason,
    message,
    observedGeneration: generation,
    lastTransitionTime: secondsOnly(now),
  };
}

function secondsOnly(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function isReady({ status }: Resource): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

function isCertManager(deployment: Parameters<typeof isAtWork>[0]): boolean {
  const labels = deployment?.metadata.labels;
  return (
    isAtWork(deployment) &&
    labels?.['app.kubernetes.io/name'] === 'cert-manager' &&
    labels['app.kubernetes.io/component'] === 'controller'
  );
}

function pathOf(plural: string, { metadata }: KubeObject): string {
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${API}${scope}/${plural}/${metadata.name}`;
}
