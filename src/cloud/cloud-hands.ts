/** The cloud as the engine is handed it: what exists, what can be adopted, whether the state has a place. */
import { join } from 'node:path';
import { FailedError, UserError } from '../errors.ts';
import type { Blueprint, Bucket, StackResource, StateBackend } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { AdoptionCandidate, CloudHands } from '../ports/cloud.ts';
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { Network } from '../ports/network.ts';
import { recordName } from '../platforms/doks/names.ts';
import { spacesEndpoint } from '../platforms/doks/offering.ts';
import type { SecretReader } from '../secrets/reader.ts';
import { digitalOcean, realApi, type DigitalOcean, type Listed } from './digitalocean.ts';
import { findNamed, takeInventory } from './inventory.ts';
import { objectStorage, type ObjectStorage } from './object-storage.ts';
import { prepareStateBucket, type StateBucketReport } from './state-bucket.ts';

export interface CloudDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly network: Network;
  readonly secrets: SecretReader;
  readonly blueprint: Blueprint;
  readonly surroundings: Surroundings;
  /** `<root>/<env>`, absolute. */
  readonly folder: string;
}

export interface Cloud extends CloudHands {
  /** Makes the state bucket and proves that it can hold a lock; undefined when state is kept locally. */
  prepareStateBucket(): Promise<StateBucketReport | undefined>;
  /** Undefined on platforms without DigitalOcean. */
  api(): Promise<DigitalOcean | undefined>;
}

export function cloudHands(deps: CloudDeps): Cloud {
  const { blueprint, surroundings } = deps;

  async function api(): Promise<DigitalOcean | undefined> {
    const token = await credential(deps, 'DIGITALOCEAN_TOKEN');
    if (token === undefined) return undefined;
    return digitalOcean(deps, textOf(surroundings.variables['DIGITALOCEAN_API_URL']) ?? realApi, token);
  }

  async function spaces(region: string): Promise<ObjectStorage | undefined> {
    const [accessKey, secretKey] = await Promise.all([
      credential(deps, 'SPACES_ACCESS_KEY_ID'),
      credential(deps, 'SPACES_SECRET_ACCESS_KEY'),
    ]);
    if (accessKey === undefined || secretKey === undefined) return undefined;
    const endpoint = surroundings.storageUrl ?? spacesEndpoint(region);
    return objectStorage(deps, { endpoint, region, credentials: { accessKey, secretKey } });
  }

  async function existing(buckets: readonly Bucket[]): Promise<readonly Bucket[]> {
    const found = await Promise.all(
      buckets.map(async (bucket) => {
        const storage = await spaces(bucket.region);
        return storage !== undefined && (await storage.bucket(bucket.name)) === 'ours' ? [bucket] : [];
      }),
    );
    return found.flat();
  }

  async function adoptable(resources: readonly StackResource[]): Promise<readonly AdoptionCandidate[]> {
    const cloud = await api();
    const named = resources.filter((resource) => resource.adoption !== undefined);
    if (cloud === undefined || named.length === 0) return [];
    const wants = (type: string) => named.some((resource) => resource.type === type);
    const [clusters, vpcs, domains, projects, records] = await Promise.all([
      wants('digitalocean_kubernetes_cluster') ? settledClusters(deps, cloud, named) : [],
      wants('digitalocean_vpc') ? cloud.list('vpcs') : [],
      wants('digitalocean_domain') ? cloud.list('domains') : [],
      wants('digitalocean_project') ? cloud.list('projects') : [],
      wants('digitalocean_record') ? namedRecords(cloud, blueprint.rootDomain) : [],
    ]);
    const listing = { clusters, vpcs, domains: domains.map(({ name }) => ({ id: name, name })), projects, records };
    const bucketNames = new Set(
      named.filter(({ type }) => type === 'digitalocean_spaces_bucket').map(({ adoption }) => adoption?.name),
    );
    const buckets = await existing(blueprint.buckets.filter(({ name }) => bucketNames.has(name)));
    return named.flatMap((resource): readonly AdoptionCandidate[] => {
      const { address, adoption } = resource;
      const bucket = buckets.find(
        ({ name }) => resource.type === 'digitalocean_spaces_bucket' && name === adoption?.name,
      );
      if (bucket !== undefined)
        return [{ address, id: `${bucket.region},${bucket.name}`, name: bucket.name, kind: 'bucket' }];
      return findNamed(resource, listing).map(({ id, name, kind }) => ({ address, id, name, kind }));
    });
  }

  async function stateStorage(state: Extract<StateBackend, { kind: 's3' }>): Promise<ObjectStorage> {
    const accessKey = await deps.secrets.get(named(state.credentials, 'AWS_ACCESS_KEY_ID'));
    const secretKey = await deps.secrets.get(named(state.credentials, 'AWS_SECRET_ACCESS_KEY'));
    const endpoint = surroundings.storageUrl ?? state.endpoint;
    return objectStorage(deps, { endpoint, region: state.region, credentials: { accessKey, secretKey } });
  }

  async function stateObject(
    name: string,
  ): Promise<{ readonly storage: ObjectStorage; readonly bucket: string; readonly key: string }> {
    const { state } = blueprint;
    if (state.kind === 'local') {
      throw new FailedError('state.local', {
        message: `State is kept on this machine: there is no bucket for ${name}.`,
      });
    }
    return { storage: await stateStorage(state), bucket: state.bucket, key: `${state.prefix}/${name}` };
  }

  return {
    api,
    adoptable,
    undeletable: async (resources) => {
      const networks = resources.filter(({ type }) => type === 'digitalocean_vpc');
      const cloud = networks.length > 0 ? await api() : undefined;
      if (cloud === undefined) return [];
      const defaults = (await cloud.list('vpcs')).filter((vpc) => vpc.default);
      return networks.flatMap(({ address, adoption }) =>
        defaults
          .filter(({ name }) => name === adoption?.name)
          .map(({ name, region }) => ({
            address,
            name,
            reason: `it was the first network in ${region} and so became its default one, which DigitalOcean never deletes; it costs nothing`,
          })),
      );
    },
    removeVolume: async (id) => (await api())?.removeVolume(id),
    inventory: async () => {
      const cloud = await api();
      if (cloud === undefined) return [];
      const memoryFile = join(deps.folder, 'cloud.json');
      const buckets = async () => (await existing(blueprint.buckets)).map(({ name }) => name);
      return takeInventory({ files: deps.files, api: cloud, blueprint, memoryFile, buckets });
    },
    stateBucketMissing: async () => {
      const { state } = blueprint;
      if (state.kind === 'local') return;
      const storage = await stateStorage(state);
      if ((await storage.bucket(state.bucket)) === 'ours') return;
      if (surroundings.kind === 'sandbox') await prepareStateBucket(storage, state.bucket);
      else {
        throw new UserError('state.noBucket', {
          message: `The bucket ${state.bucket}, where the state is kept, does not exist.`,
          hints: [`Make it with \`ffops env bootstrap -e ${blueprint.environment}\`.`],
        });
      }
    },
    stateObjects: async () => {
      const { state } = blueprint;
      if (state.kind === 'local') return [];
      const prefix = `${state.prefix}/`;
      const objects = (await (await stateStorage(state)).list(state.bucket, prefix)) ?? [];
      return objects.map(({ key, version }) => ({ name: key.slice(prefix.length), version }));
    },
    readStateObject: async (name) => {
      const { storage, bucket, key } = await stateObject(name);
      const content = await storage.get(bucket, key);
      return content === undefined ? undefined : Buffer.from(content).toString();
    },
    writeStateObject: async (name, text) => {
      const { storage, bucket, key } = await stateObject(name);
      await storage.put(bucket, key, text, false);
    },
    removeStateObject: async (name) => {
      const { storage, bucket, key } = await stateObject(name);
      await storage.remove(bucket, key);
    },
    prepareStateBucket: async () => {
      const { state } = blueprint;
      return state.kind === 'local' ? undefined : prepareStateBucket(await stateStorage(state), state.bucket);
    },
  };
}

/** A record has no name of its own that is unique: what it says is its name. */
async function namedRecords(cloud: DigitalOcean, domain: string): Promise<readonly { id: string; name: string }[]> {
  const records = (await cloud.records(domain)) ?? [];
  return records.map((record) => ({
    id: `${domain},${record.id}`,
    name: recordName(record.type, record.name, record.data),
  }));
}

const LOOK_AGAIN_MS = 5_000;
const SETTLED_WITHIN_LOOKS = 180;

/** A cluster that is still being made cannot be imported: providers find no kubeconfig in it, and old ones crash. */
async function settledClusters(
  { clock }: CloudDeps,
  cloud: DigitalOcean,
  wanted: readonly StackResource[],
): Promise<readonly Listed<'clusters'>[]> {
  const names = new Set(wanted.map(({ adoption }) => adoption?.name));
  let clusters = await cloud.list('clusters');
  for (let looks = 0; looks < SETTLED_WITHIN_LOOKS; looks++) {
    if (!clusters.some(({ name, status }) => names.has(name) && status?.state === 'provisioning')) break;
    await clock.sleep(LOOK_AGAIN_MS);
    clusters = await cloud.list('clusters');
  }
  return clusters;
}

/** Undefined when no stack of this environment reads the variable. */
async function credential({ blueprint, secrets }: CloudDeps, variable: string): Promise<Secret | undefined> {
  const name = blueprint.stacks.map((stack) => stack.credentials[variable]).find((found) => found !== undefined);
  return name === undefined ? undefined : secrets.get(name);
}

function named(names: Readonly<Record<string, string>>, variable: string): string {
  const name = names[variable];
  if (name !== undefined) return name;
  throw new FailedError('state.noCredentials', { message: `The state backend names no secret for ${variable}.` });
}

function textOf(value: string | Secret | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.reveal();
}
