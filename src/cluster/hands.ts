/** What every file of this folder works with. */
import type { Blueprint } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { Interruption } from '../ports/runner.ts';
import type { SecretReader } from '../secrets/reader.ts';
import type { RunTool } from '../tools/call.ts';

export interface ClusterDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly interruption: Interruption;
  /** The process' own variables: KUBECONFIG says where the user's contexts are. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly run: RunTool;
  readonly secrets: SecretReader;
  readonly blueprint: Blueprint;
  readonly surroundings: Surroundings;
  /** `<root>/<env>`, absolute. */
  readonly folder: string;
}
