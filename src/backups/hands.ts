/** What every file of this folder works with. */
import type { Blueprint } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { Network } from '../ports/network.ts';
import type { Interruption } from '../ports/runner.ts';
import type { SecretReader } from '../secrets/reader.ts';
import type { RunTool } from '../tools/call.ts';
import type { ClusterPin } from '../tools/kubectl.ts';

export interface BackupDeps {
  readonly clock: Clock;
  readonly files: Files;
  readonly network: Network;
  readonly interruption: Interruption;
  readonly run: RunTool;
  readonly pin: () => Promise<ClusterPin>;
  readonly secrets: SecretReader;
  readonly blueprint: Blueprint;
  readonly surroundings: Pick<Surroundings, 'podsRun' | 'storageUrl'>;
}

/** Progress for people, a line at a time. */
export type Tell = (text: string) => void;

/** The sandbox's pods have no process: a Job of them ends at once and has moved nothing. */
export function podsRun({ surroundings }: Pick<BackupDeps, 'surroundings'>): boolean {
  return surroundings.podsRun;
}

export const CANNOT_RUN = 'cannot run here: pods of the sandbox have no process';
