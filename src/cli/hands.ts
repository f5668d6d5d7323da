/** What commands beyond the files of a workspace work with: tools, secrets, the cluster, and where all of it lies. */
import { join, resolve } from 'node:path';
import { clusterHands, type Cluster } from '../cluster/cluster-hands.ts';
import type { ClusterDeps } from '../cluster/hands.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import type { Surroundings } from '../model/surroundings.ts';
import { SPACES_ACCESS_KEY, SPACES_SECRET_KEY, TOKEN } from '../platforms/doks/secrets.ts';
import { openSandbox } from '../sandbox/surroundings.ts';
import { placeOf } from '../secrets/place.ts';
import { secretReader, type SecretReader } from '../secrets/reader.ts';
import { openStore, type SecretStore } from '../secrets/store.ts';
import { sandboxStore } from '../secrets/supply.ts';
import { openToolchain, type Toolchain } from '../toolchain/toolchain.ts';
import type { RunTool } from '../tools/call.ts';
import type { Context } from './context.ts';

export interface Hands {
  readonly workspace: string;
  readonly blueprint: Blueprint;
  /** Starts the sandbox with `--sandbox`. */
  readonly surroundings: Surroundings;
  readonly toolchain: Toolchain;
  readonly run: RunTool;
  /** The file of a tool; resolved once. */
  readonly tool: (name: string) => Promise<string>;
  readonly store: SecretStore;
  readonly secrets: SecretReader;
  readonly clusterDeps: ClusterDeps;
  readonly cluster: Cluster;
}

export async function openHands(context: Context): Promise<Hands> {
  const { ports } = context;
  const [{ root: workspace }, blueprint] = await Promise.all([context.workspace(), context.blueprint()]);
  const toolchain = await openToolchain(ports, { lockFile: join(workspace, 'ffops.lock.yaml') });
  const paths = new Map<string, Promise<string>>();
  const tool = (name: string): Promise<string> => {
    const known = paths.get(name) ?? locate(toolchain, name);
    paths.set(name, known);
    return known;
  };
  const run: RunTool = async (name, call) => ports.runner.run({ program: await tool(name), ...call });

  const { surroundings, given } = await open(context, workspace, blueprint, tool);
  const place = placeOf(surroundings, workspace);
  const storeHands = { files: ports.files, run, variables: ports.variables };
  const store = given ? sandboxStore(storeHands, place, blueprint.secrets, given) : openStore(storeHands, place);
  const secrets = secretReader(store, blueprint.secrets);
  const clusterDeps: ClusterDeps = {
    files: ports.files,
    clock: ports.clock,
    interruption: ports.interruption,
    variables: ports.variables,
    run,
    secrets,
    blueprint,
    surroundings,
    folder: join(resolve(workspace, surroundings.root), blueprint.environment),
  };
  return { workspace, blueprint, surroundings, toolchain, run, tool, store, secrets, clusterDeps, cluster: clusterHands(clusterDeps) };
}

/** git is the user's own; every other tool is ours to find. */
async function locate(toolchain: Toolchain, name: string): Promise<string> {
  return name === 'git' ? 'git' : (await toolchain.resolveTool(name)).path;
}

async function open(
  context: Context,
  workspace: string,
  blueprint: Blueprint,
  tool: (name: string) => Promise<string>,
): Promise<{ readonly surroundings: Surroundings; readonly given?: ReadonlyMap<string, Secret> }> {
  if (!context.flags.sandbox) return { surroundings: await context.surroundings() };
  const localContext = blueprint.cluster?.kind === 'context' ? blueprint.cluster.context : undefined;
  const say = (line: string): void => {
    if (!context.flags.quiet) context.ports.terminal.err(`${line}\n`);
  };
  const { surroundings, keys } = await openSandbox(
    { ports: context.ports, tool, say },
    { workspace, environment: blueprint.environment, ...(localContext === undefined ? {} : { localContext }) },
  );
  const given = new Map([
    [TOKEN, keys.digitaloceanToken],
    [SPACES_ACCESS_KEY, keys.spacesAccessKey],
    [SPACES_SECRET_KEY, keys.spacesSecretKey],
  ]);
  return { surroundings, given };
}

