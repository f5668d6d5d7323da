import type { Operator } from '../../engine/contracts.ts';
import type { Blueprint } from '../../model/blueprint.ts';
import type { LoadedEnvironment } from '../../model/load.ts';
import type { Surroundings } from '../../model/surroundings.ts';
import type { EnvironmentChoice, Workspace } from '../../model/workspace.ts';
import type { ToolReport } from '../../toolchain/toolchain.ts';
import type { EnvironmentHands } from '../environment-hands.ts';

/** What can be looked at; each throws the error that a command would. */
export interface DoctorRequest {
  readonly nodeVersion: string;
  /** The sandbox has secrets of its own, made when they are needed. */
  readonly sandbox: boolean;
  /** The oldest Node that ffops runs on. */
  readonly nodeWanted: string;
  readonly tools: () => Promise<readonly ToolReport[]>;
  readonly workspace: () => Promise<Workspace>;
  readonly choice: () => Promise<EnvironmentChoice>;
  readonly environment: () => Promise<LoadedEnvironment>;
  readonly blueprint: () => Promise<Blueprint>;
  readonly surroundings: () => Promise<Surroundings>;
  readonly hands: () => Promise<EnvironmentHands>;
  readonly operator: Operator;
}
