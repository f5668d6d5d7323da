/**
 * A whole environment for the engine with the real tofu and nothing else: stacks of `terraform_data`, local state, no
 * provider to fetch. Cluster and cloud are fakes that fail when surprised.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../../src/adapters/clock.ts';
import { realFiles } from '../../../src/adapters/files.ts';
import { realRunner } from '../../../src/adapters/runner.ts';
import type { SignalInterruption } from '../../../src/adapters/interruption.ts';
import type { Target } from '../../../src/engine/contracts.ts';
import type { Emit, EngineEvent } from '../../../src/engine/engine.ts';
import { retireStacks } from '../../../src/engine/retired.ts';
import type { Blueprint, Stack } from '../../../src/model/blueprint.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { CloudHands } from '../../../src/ports/cloud.ts';
import type { ClusterHands } from '../../../src/ports/cluster.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import type { ShowPlan } from '../../../src/usecases/apply.ts';
import {
  fakeInterruption,
  fakeNetwork,
  fakeTerminal,
  type FakeInterruption,
  type FakeTerminal,
} from '../../support/fakes.ts';
import { toolchain } from '../../support/tools.ts';

export interface StackSketch {
  readonly after?: readonly string[];
  /** The module, beside its backend. */
  readonly body: string;
  readonly resources?: Stack['resources'];
  readonly variables?: Stack['variables'];
  readonly keptByDestroy?: boolean;
  readonly needsCluster?: boolean;
  readonly releases?: Stack['releases'];
}

export interface Workshop {
  readonly folder: string;
  readonly ports: Ports;
  readonly target: Target;
  readonly terminal: FakeTerminal;
  readonly interruption: FakeInterruption;
  readonly events: (EngineEvent | ShowPlan)[];
  readonly emit: Emit<EngineEvent | ShowPlan>;
  /** Replaces the module of a stack. */
  write(stack: string, body: string): Promise<void>;
  read(path: string): Promise<string>;
  remove(): Promise<void>;
}

export interface WorkshopOptions {
  readonly interactive?: boolean;
  readonly cluster?: Partial<ClusterHands>;
  readonly cloud?: Partial<CloudHands>;
  readonly clusterAccess?: Blueprint['cluster'];
  readonly folder?: string;
}

export function origin(line: number) {
  return { kind: 'file', path: 'apps', file: 'environments/prod.yaml', line, column: 1 } as const;
}

export async function openWorkshop(
  sketches: Readonly<Record<string, StackSketch>>,
  options: WorkshopOptions = {},
): Promise<Workshop> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'ffops-engine-')));
  const interruption = fakeInterruption();
  const terminal = fakeTerminal({ interactive: options.interactive ?? false });
  const events: (EngineEvent | ShowPlan)[] = [];
  const listening = Object.assign(interruption, { pause: () => () => undefined }) as FakeInterruption &
    SignalInterruption;
  const ports: Ports = {
    runner: realRunner(process.env, () => listening),
    files: realFiles(),
    clock: realClock(),
    network: fakeNetwork(),
    terminal,
    interruption,
    variables: {},
  };
  const blueprint = blueprintOf(sketches, options.clusterAccess);
  const write = async (stack: string, body: string): Promise<void> => {
    const home = join(folder, '.ffops/prod/stacks', stack);
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'main.tf'), moduleOf(stack, body));
  };
  for (const [name, sketch] of Object.entries(sketches)) await write(name, sketch.body);
  return {
    folder,
    ports,
    target: {
      blueprint,
      surroundings: {
        kind: 'sandbox',
        podsRun: false,
        root: '.ffops',
        secretsFile: '',
        ageKeyFile: '',
        variables: {},
        tofuVariables: {},
      },
      workspace: folder,
      operator: { user: userInfo().username, host: hostname(), pid: process.pid },
      machine: { cores: 2, freeMemoryBytes: 4e9 },
      tool: async (name) => {
        if (name !== 'tofu') throw new Error(`unexpected tool ${name}`);
        return (await (await toolchain()).resolveTool('tofu')).path;
      },
      providerMirror: undefined,
      secrets: { get: async (name) => new Secret(`value-of-${name}-which-is-long-enough`) },
      cluster: { ...surprisedCluster, compareObjects: async () => [], ...options.cluster },
      cloud: { ...surprisedCloud, ...options.cloud },
      apps: { file: 'ffops.lock.yaml', installed: async () => new Map(), record: surprise('record') },
      render: async () => {
        await retireStacks(ports.files, join(folder, '.ffops/prod'), new Set(Object.keys(sketches)));
        return [];
      },
    },
    terminal,
    interruption,
    events,
    emit: async (event) => void events.push(event),
    write,
    read: (path) => readFile(join(folder, path), 'utf8'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function moduleOf(stack: string, body: string): string {
  return `terraform {\n  backend "local" {\n    path = "../../state/${stack}.tfstate"\n  }\n}\n\n${body}`;
}

function blueprintOf(sketches: Readonly<Record<string, StackSketch>>, cluster: Blueprint['cluster']): Blueprint {
  return {
    workspace: 'shop',
    environment: 'prod',
    platform: 'doks',
    rootDomain: 'shop.example',
    ...(cluster ? { cluster } : {}),
    state: { kind: 'local' },
    stacks: Object.entries(sketches).map(([name, sketch]) => stackOf(name, sketch)),
    apps: [],
    namespaces: [],
    hosts: [],
    databases: [],
    provisioners: [],
    secrets: [],
    kubernetesSecrets: [],
    volumes: [],
    buckets: [],
    schedules: [],
  };
}

export function stackOf(name: string, sketch: StackSketch): Stack {
  return {
    kind: 'tofu',
    name,
    title: `the ${name} stack`,
    dependsOn: sketch.after ?? [],
    template: name,
    context: {},
    providers: [],
    variables: sketch.variables ?? [],
    outputs: [],
    resources: sketch.resources ?? [],
    releases: sketch.releases ?? [],
    credentials: {},
    needsCluster: sketch.needsCluster ?? false,
    keptByDestroy: sketch.keptByDestroy ?? false,
  };
}

const surprise = (what: string) => async (): Promise<never> => {
  throw new Error(`unexpected call of ${what}`);
};

const surprisedCluster: ClusterHands = {
  access: surprise('access'),
  forget: surprise('forget'),
  refuseWhileRestored: async () => undefined,
  compareObjects: surprise('compareObjects'),
  deliver: surprise('deliver'),
  stampWorkloads: surprise('stampWorkloads'),
  prune: surprise('prune'),
  provisionDatabases: surprise('provisionDatabases'),
  releaseDiff: surprise('releaseDiff'),
  diagnose: surprise('diagnose'),
  waitUntilReady: surprise('waitUntilReady'),
  releases: surprise('releases'),
  settle: surprise('settle'),
  removeObjects: surprise('removeObjects'),
  releaseCloudResources: surprise('releaseCloudResources'),
  releaseVolumes: surprise('releaseVolumes'),
  keptVolumes: surprise('keptVolumes'),
  loseVolumes: surprise('loseVolumes'),
  backups: surprise('backups'),
  createBackup: surprise('createBackup'),
};

const surprisedCloud: CloudHands = {
  inventory: surprise('inventory'),
  adoptable: surprise('adoptable'),
  removeVolume: surprise('removeVolume'),
  undeletable: surprise('undeletable'),
  stateBucketMissing: surprise('stateBucketMissing'),
  stateObjects: surprise('stateObjects'),
  readStateObject: surprise('readStateObject'),
  writeStateObject: surprise('writeStateObject'),
  removeStateObject: surprise('removeStateObject'),
};
