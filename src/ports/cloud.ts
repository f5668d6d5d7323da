/** The environment's cloud, as the engine asks for it: src/cloud answers, the engine's tests hand over fakes. */
import type { StackResource } from '../model/blueprint.ts';

export interface CloudHands {
  /** Everything of this environment that exists in the cloud; empty on platforms without one. */
  inventory(): Promise<readonly CloudItem[]>;
  /** For resources about to be created: those that exist already, by their `adoption` name. */
  adoptable(resources: readonly StackResource[]): Promise<readonly AdoptionCandidate[]>;
  /** Of these resources, those that the cloud never lets go of, each with the reason. */
  undeletable(resources: readonly StackResource[]): Promise<readonly Undeletable[]>;
  /** A volume whose cluster is gone, by its id. Throws FailedError when the cloud refuses. */
  removeVolume(id: string): Promise<void>;
  /** Makes the state bucket when it is missing (sandbox), or throws UserError naming `ffops env bootstrap`. */
  stateBucketMissing(): Promise<void>;
  /** What lies where this environment's states are kept; empty when that is this machine, or nothing is there yet. */
  stateObjects(): Promise<readonly StateObject[]>;
  /** Undefined when there is no such object. */
  readStateObject(name: string): Promise<string | undefined>;
  writeStateObject(name: string, text: string): Promise<void>;
  /** Quiet when it is gone already. */
  removeStateObject(name: string): Promise<void>;
}

export interface Undeletable {
  readonly address: string;
  readonly name: string;
  readonly reason: string;
}

export interface StateObject {
  /** Without the environment's prefix: `infra.tfstate`. */
  readonly name: string;
  /** Another one whenever it is written. */
  readonly version: string;
}

export interface CloudItem {
  /** `cluster`, `volume`, `load balancer`, `domain`, `bucket`, `vpc`, `project`, … */
  readonly kind: string;
  readonly id: string;
  readonly name: string;
}

export interface AdoptionCandidate {
  readonly address: string;
  /** What `tofu import` wants. */
  readonly id: string;
  /** `--adopt` wants `kind/name`. */
  readonly name: string;
  readonly kind: string;
}
