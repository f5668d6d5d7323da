/** What the steps of a restore work with, and what they leave. */
import { join } from 'node:path';
import type { BackupDeps } from '../../backups/hands.ts';
import type { Holder } from '../../backups/hold.ts';
import type { RestoreJournal, RestoreStep } from '../../backups/restore-journal.ts';
import type { BackupStore } from '../../backups/store.ts';
import type { DatabaseCheck } from '../../backups/verify.ts';
import { servers } from '../../catalogue/databases.ts';
import type { Cluster } from '../../cluster/cluster-hands.ts';
import type { Release } from '../../model/blueprint.ts';
import type { Terminal } from '../../ports/terminal.ts';
import type { EmitBackup } from '../backup-create.ts';
import type { Result, Verdict } from '../verdict.ts';

export interface RestoreRequest {
  readonly what: string;
  /** The id of a backup. */
  readonly from?: string | undefined;
  /** Whose backups, when not this environment's own. */
  readonly of?: string | undefined;
  readonly to?: string | undefined;
  readonly database?: string | undefined;
  /** Whether the present is backed up before it is replaced. */
  readonly keep: boolean;
  readonly yes: boolean;
  readonly loseData: readonly string[];
  /** Forgets an unfinished restore instead of going on with it. */
  readonly abandon: boolean;
  /** Whoever else is at it. */
  readonly takeOver: boolean;
}

export interface RestoreDeps extends BackupDeps, Holder {
  readonly terminal: Terminal;
  readonly cluster: Pick<Cluster, 'deliver' | 'provisionDatabases' | 'waitUntilReady'>;
  /** `<root>/<env>`, absolute. */
  readonly folder: string;
}

export interface RestoreResult extends Result {
  readonly verdict: Verdict;
  readonly what: string;
  /** Steps in their order: done in this run, or in the one that was interrupted before. */
  readonly done: readonly RestoreStep[];
  /** Where it stands, when it did not come to its end. */
  readonly next?: RestoreStep;
  readonly objects?: { readonly backup: string; readonly expected: number; readonly missing: readonly string[] };
  readonly databases: readonly DatabaseCheck[];
  /** What could not be done here, and is not pretended. */
  readonly notes: readonly string[];
  readonly bytes?: 'none';
}

/** What is said at the end beside what the journal knows. */
export interface Findings {
  objects?: NonNullable<RestoreResult['objects']>;
}

export interface Scene {
  readonly deps: RestoreDeps;
  readonly store: BackupStore;
  readonly journal: RestoreJournal;
  readonly findings: Findings;
  readonly emit: EmitBackup;
}

/** What a step adds to the journal; `left` when the user does not wait for its end. */
export type Step = (scene: Scene) => Promise<RestoreJournal | 'left' | undefined>;

export function journalPath({ folder }: Pick<RestoreDeps, 'folder'>): string {
  return join(folder, 'restore.json');
}

/** Beside the original, for a look: nothing of what is there is touched. */
export function isCopy({ objects }: RestoreJournal): boolean {
  return objects?.namespaces.some(([from, to]) => from !== to) ?? false;
}

/** What databases run in, and are restored by. */
export function serverReleases({ blueprint }: Pick<RestoreDeps, 'blueprint'>): readonly Release[] {
  return blueprint.stacks.flatMap((stack) => stack.releases).filter(({ entry }) => entry in servers);
}

/** The namespaces that are written to. */
export function targetsOf({ objects }: RestoreJournal): readonly string[] {
  return objects?.namespaces.map(([, to]) => to) ?? [];
}
