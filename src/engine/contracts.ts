/**
 * An environment, and everything the engine works on it with. Secrets, cluster and cloud are implemented elsewhere and
 * handed over; the engine's tests hand over fakes.
 */
import type { Blueprint } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { CloudHands } from '../ports/cloud.ts';
import type { ClusterHands } from '../ports/cluster.ts';
import type { SecretReader } from '../secrets/reader.ts';

/** An environment the engine works on, with the hands it works with. Composed in src/cli/compose.ts. */
export interface Target {
  readonly blueprint: Blueprint;
  readonly surroundings: Surroundings;
  /** Folder of ffops.yaml, absolute; `surroundings.root` is below it. */
  readonly workspace: string;
  readonly operator: Operator;
  readonly machine: Machine;
  /** The file of a tool; resolved once per run, without starting it. Throws ToolMissingError. */
  tool(name: 'tofu' | 'helm' | 'kubectl' | 'doctl' | 'git'): Promise<string>;
  /** A filesystem mirror of providers, when the toolchain made one; downloads otherwise. */
  readonly providerMirror: string | undefined;
  readonly secrets: SecretReader;
  readonly cluster: ClusterHands;
  readonly cloud: CloudHands;
  readonly apps: AppVersions;
  /** Writes the stacks where they differ from the environment; returns the files it wrote, relative to the workspace. */
  render(): Promise<readonly string[]>;
}

/** The versions of its apps that an environment was last given. They outlive an app, as its data does. */
export interface AppVersions {
  /** Where they are written down, as people know it. */
  readonly file: string;
  /** By id. */
  installed(): Promise<ReadonlyMap<string, string>>;
  /** Of the apps with these ids, as the blueprint has them. */
  record(ids: readonly string[]): Promise<void>;
}

/** Who runs this, as OpenTofu's locks name them. */
export interface Operator {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
}

export interface Machine {
  readonly cores: number;
  readonly freeMemoryBytes: number;
}
