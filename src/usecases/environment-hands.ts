/** An environment's secrets, cluster and cloud, ready to be asked; nothing is opened before somebody asks. */
import { join, resolve } from 'node:path';
import { DNS_TOKEN } from '../catalogue/external-dns/entry.ts';
import { BACKUPS_ACCESS_KEY, BACKUPS_SECRET_KEY } from '../catalogue/velero/keys.ts';
import { cloudHands, type Cloud } from '../cloud/cloud-hands.ts';
import { clusterHands, type Cluster } from '../cluster/cluster-hands.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Ports } from '../ports/ports.ts';
import { SPACES_ACCESS_KEY, SPACES_SECRET_KEY, TOKEN } from '../platforms/doks/secrets.ts';
import { placeOf } from '../secrets/place.ts';
import { secretReader, type SecretReader } from '../secrets/reader.ts';
import { openStore, type SecretStore } from '../secrets/store.ts';
import { sandboxStore } from '../secrets/supply.ts';
import type { RunTool, ToolName } from '../tools/call.ts';

export interface EnvironmentRequest {
  readonly blueprint: Blueprint;
  readonly surroundings: Surroundings;
  /** Folder of ffops.yaml, absolute. */
  readonly workspace: string;
  /** The file of a tool. Throws ToolMissingError. */
  tool(name: ToolName): Promise<string>;
  /** What the simulated cloud lets in; set in the sandbox only. */
  readonly sandboxKeys?: SandboxKeys;
}

export interface SandboxKeys {
  readonly digitaloceanToken: Secret;
  readonly spacesAccessKey: Secret;
  readonly spacesSecretKey: Secret;
}

export interface EnvironmentHands {
  /** `<root>/<env>`, absolute. */
  readonly folder: string;
  readonly run: RunTool;
  readonly store: SecretStore;
  readonly secrets: SecretReader;
  readonly cluster: Cluster;
  readonly cloud: Cloud;
}

export function environmentHands(ports: Ports, request: EnvironmentRequest): EnvironmentHands {
  const { blueprint, surroundings, workspace } = request;
  const folder = join(resolve(workspace, surroundings.root), blueprint.environment);
  const run: RunTool = async (tool, call) => ports.runner.run({ program: await request.tool(tool), ...call });
  const place = placeOf(surroundings, workspace, blueprint.environment);
  const storeHands = { files: ports.files, clock: ports.clock, run, variables: ports.variables };
  const store =
    request.sandboxKeys === undefined
      ? openStore(storeHands, place)
      : sandboxStore(storeHands, place, blueprint.secrets, valuesOf(request.sandboxKeys));
  const secrets = secretReader(store, blueprint.secrets);
  const shared = { files: ports.files, clock: ports.clock, secrets, blueprint, surroundings, folder };
  return {
    folder,
    run,
    store,
    secrets,
    cluster: clusterHands({ ...shared, interruption: ports.interruption, variables: ports.variables, run }),
    cloud: cloudHands({ ...shared, network: ports.network }),
  };
}

/** The simulated account has one token and one key: each stands for the narrower ones too. */
function valuesOf(keys: SandboxKeys): ReadonlyMap<string, Secret> {
  return new Map([
    [TOKEN, keys.digitaloceanToken],
    [DNS_TOKEN, keys.digitaloceanToken],
    [SPACES_ACCESS_KEY, keys.spacesAccessKey],
    [SPACES_SECRET_KEY, keys.spacesSecretKey],
    [BACKUPS_ACCESS_KEY, keys.spacesAccessKey],
    [BACKUPS_SECRET_KEY, keys.spacesSecretKey],
  ]);
}
