/** DigitalOcean Kubernetes: a managed cluster, Spaces for objects, DigitalOcean's DNS. */
import type { Environment } from '../../model/environment.ts';
import type { BucketWant, Foundation, FoundationRequest, Platform } from '../../model/plugs.ts';
import { base, BASE, hasZone } from './base.ts';
import { check } from './check.ts';
import { cloud, CLOUD } from './cloud.ts';
import { defaults } from './defaults.ts';
import { madeDkimKeys } from './dkim-keys.ts';
import { stateBucket } from './names.ts';
import { NAME_SERVERS, REGIONS, SIZES, spacesEndpoint } from './offering.ts';
import { bucketKeyHelp, secrets, STATE_CREDENTIALS } from './secrets.ts';
import { starter } from './starter.ts';

export const doks: Platform = {
  id: 'doks',
  title: 'DigitalOcean Kubernetes',
  choices: {
    'cluster.region': REGIONS,
    'objectStorage.region': REGIONS,
    'state.region': REGIONS,
    'cluster.systemPool.size': SIZES,
    'cluster.nodePools[].size': SIZES,
  },
  unsupported: {
    'cluster.context': 'Leave it out: on doks ffops makes the cluster and reaches it through doctl.',
    'backups.server': 'Leave it out: backups go to Spaces.',
  },
  starter,
  defaults,
  check,
  offer: (environment) => ({
    storageClass: 'do-block-storage',
    ingress: {
      serviceAnnotations: {
        'service.beta.kubernetes.io/do-loadbalancer-name': environment.cluster.name,
        'service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol': 'true',
      },
      proxyProtocol: true,
    },
    objectStorage: {
      region: storageRegion(environment),
      endpoint: spacesEndpoint(storageRegion(environment)),
      keyHelp: (bucket) => bucketKeyHelp(bucket, BASE),
    },
  }),
  foundation,
};

function foundation(request: FoundationRequest): Foundation {
  const { environment, context } = request;
  const region = storageRegion(environment);
  const buckets = [...request.buckets, ...ownBuckets(request)];
  const stateRegion = environment.state.region ?? region;
  return {
    state:
      environment.state.backend === 'local'
        ? { kind: 'local' }
        : {
            kind: 's3',
            bucket: environment.state.bucket ?? stateBucket(context),
            region: stateRegion,
            endpoint: spacesEndpoint(stateRegion),
            prefix: context.environment,
            credentials: STATE_CREDENTIALS,
          },
    cluster: { kind: 'doctl', name: environment.cluster.name, stack: CLOUD },
    ...(hasZone(request) ? { zone: { domain: environment.rootDomain, nameServers: NAME_SERVERS } } : {}),
    clusterStack: CLOUD,
    stacks: [base({ ...request, buckets }, region), cloud(request, clusterRegion(environment))],
    secrets: [...secrets, ...madeDkimKeys(environment).flatMap(({ privateKey, publicKey }) => [privateKey, publicKey])],
    buckets: buckets.map(({ name, purpose }) => ({ name, region, purpose, stack: BASE })),
  };
}

/** One that an app had left, and has taken up again, is the app's. */
function ownBuckets({ environment, origins, buckets }: FoundationRequest): readonly BucketWant[] {
  const taken = new Set(buckets.map(({ name }) => name));
  return environment.objectStorage.buckets.flatMap((name, index) =>
    taken.has(name) ? [] : [{ name, purpose: 'your own files', origin: origins.of(`objectStorage.buckets[${index}]`) }],
  );
}

function clusterRegion(environment: Environment): string {
  return environment.cluster.region ?? REGIONS[0];
}

function storageRegion(environment: Environment): string {
  return environment.objectStorage.region ?? clusterRegion(environment);
}
