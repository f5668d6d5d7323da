/** Velero through its own resources: what is asked of it, and what it says of its work. */
import { z } from 'zod';
import { BACKUP_OF } from '../model/backup-label.ts';
import type { KubeObject } from '../tools/kubectl.ts';

export const VELERO_NAMESPACE = 'infra';
const API_VERSION = 'velero.io/v1';

/** Phases after which nothing changes any more. */
const finalPhases = new Set(['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation']);

export function isFinal(phase: string): boolean {
  return finalPhases.has(phase);
}

const moment = z.string().nullish();

const backupSchema = z.looseObject({
  spec: z
    .looseObject({ includedNamespaces: z.array(z.string()).nullish(), storageLocation: z.string().nullish() })
    .prefault({}),
  status: z
    .looseObject({
      phase: z.string().default('New'),
      startTimestamp: moment,
      completionTimestamp: moment,
      expiration: moment,
      errors: z.number().default(0),
      warnings: z.number().default(0),
      failureReason: z.string().default(''),
      validationErrors: z.array(z.string()).default([]),
      progress: z.looseObject({ totalItems: z.number().default(0), itemsBackedUp: z.number().default(0) }).prefault({}),
    })
    .prefault({}),
});

export interface VeleroBackup {
  readonly name: string;
  /** Whose it is, `<workspace>-<environment>`; absent when somebody made it by hand. */
  readonly of?: string;
  readonly namespaces: readonly string[];
  readonly phase: string;
  readonly startedAt: string;
  readonly completedAt?: string;
  readonly expires?: string;
  readonly errors: number;
  readonly warnings: number;
  /** Velero's own words when it would not even begin. */
  readonly reasons: readonly string[];
  /** Of the schedule that made it. */
  readonly schedule?: string;
  readonly itemsDone: number;
  readonly itemsTotal: number;
}

export function veleroBackup(object: KubeObject): VeleroBackup {
  const { spec, status } = backupSchema.parse(object);
  const { [SCHEDULE_LABEL]: schedule, [BACKUP_OF]: of } = object.metadata.labels;
  return {
    name: object.metadata.name,
    ...(of !== undefined && { of }),
    namespaces: spec.includedNamespaces ?? [],
    phase: status.phase,
    startedAt: status.startTimestamp ?? object.metadata.creationTimestamp,
    ...(typeof status.completionTimestamp === 'string' && { completedAt: status.completionTimestamp }),
    ...(typeof status.expiration === 'string' && { expires: status.expiration }),
    errors: status.errors,
    warnings: status.warnings,
    reasons: [...status.validationErrors, ...(status.failureReason === '' ? [] : [status.failureReason])],
    ...(schedule !== undefined && { schedule }),
    itemsDone: status.progress.itemsBackedUp,
    itemsTotal: status.progress.totalItems,
  };
}

/** As Velero itself marks what comes of a schedule: retention and listings go by it. */
export const SCHEDULE_LABEL = 'velero.io/schedule-name';

export function backupManifest(wish: {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a schedule, or `backupSpec`. */
  readonly spec: object;
}): object {
  return {
    apiVersion: API_VERSION,
    kind: 'Backup',
    metadata: { name: wish.name, namespace: VELERO_NAMESPACE, labels: wish.labels },
    spec: wish.spec,
  };
}

/** As the nightly schedule has it, of these namespaces alone. */
export function backupSpec(namespaces: readonly string[], retentionDays: number): object {
  return { includedNamespaces: namespaces, storageLocation: 'default', ttl: `${retentionDays * 24}h0m0s` };
}

const restoreSchema = z.looseObject({
  status: z
    .looseObject({
      phase: z.string().default('New'),
      errors: z.number().default(0),
      warnings: z.number().default(0),
      failureReason: z.string().default(''),
      validationErrors: z.array(z.string()).default([]),
      progress: z.looseObject({ totalItems: z.number().default(0), itemsRestored: z.number().default(0) }).prefault({}),
    })
    .prefault({}),
});

export interface VeleroRestore {
  readonly name: string;
  readonly phase: string;
  readonly errors: number;
  readonly warnings: number;
  readonly reasons: readonly string[];
  readonly itemsDone: number;
  readonly itemsTotal: number;
}

export function veleroRestore(object: KubeObject): VeleroRestore {
  const { status } = restoreSchema.parse(object);
  return {
    name: object.metadata.name,
    phase: status.phase,
    errors: status.errors,
    warnings: status.warnings,
    reasons: [...status.validationErrors, ...(status.failureReason === '' ? [] : [status.failureReason])],
    itemsDone: status.progress.itemsRestored,
    itemsTotal: status.progress.totalItems,
  };
}

export function restoreManifest(wish: {
  readonly name: string;
  readonly backup: string;
  /** Where each goes; to itself when it stays. */
  readonly namespaces: ReadonlyMap<string, string>;
  readonly leftOut: readonly string[];
}): object {
  const moved = [...wish.namespaces].filter(([from, to]) => from !== to);
  return {
    apiVersion: API_VERSION,
    kind: 'Restore',
    metadata: { name: wish.name, namespace: VELERO_NAMESPACE },
    spec: {
      backupName: wish.backup,
      includedNamespaces: [...wish.namespaces.keys()],
      // What is there already becomes as it was; what came later stays, and is told.
      existingResourcePolicy: 'update',
      // Jobs would run again, and events are of another day. Volumes stay in: without theirs, claims would wait for ones that are gone.
      excludedResources: ['nodes', 'events', 'events.events.k8s.io', 'jobs.batch', ...wish.leftOut],
      ...(moved.length > 0 && { namespaceMapping: Object.fromEntries(moved) }),
    },
  };
}

const volumeBackupSchema = z.looseObject({
  spec: z
    .looseObject({
      pod: z.looseObject({ namespace: z.string().default('') }).prefault({}),
      tags: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  status: z
    .looseObject({
      phase: z.string().default('New'),
      progress: z.looseObject({ totalBytes: z.number().default(0) }).prefault({}),
    })
    .prefault({}),
});

/** The files of one volume in a backup. */
export interface VolumeBackup {
  readonly backup: string;
  readonly namespace: string;
  /** The name of its claim; absent for a volume without one. */
  readonly claim?: string;
  readonly whole: boolean;
  readonly bytes: number | 'none';
}

export function volumeBackup(object: KubeObject): VolumeBackup {
  const { spec, status } = volumeBackupSchema.parse(object);
  const { annotations, labels } = object.metadata;
  const claim = annotations['velero.io/pvc-name'];
  return {
    // The label holds a digest of a name that is too long for one.
    backup: spec.tags['backup'] ?? labels['velero.io/backup-name'] ?? '',
    namespace: spec.pod.namespace,
    ...(claim !== undefined && { claim }),
    whole: status.phase === 'Completed',
    bytes: annotations['sandbox.ffops.io/bytes'] === 'none' ? 'none' : status.progress.totalBytes,
  };
}

const serverSchema = z.looseObject({
  status: z
    .looseObject({
      containerStatuses: z
        .array(z.looseObject({ state: z.looseObject({ running: z.looseObject({ startedAt: moment }).nullish() }) }))
        .default([]),
    })
    .prefault({}),
});

/** Since when the server of this pod runs; undefined while it does not. */
export function runningSince(pod: KubeObject): Date | undefined {
  const since = serverSchema.parse(pod).status.containerStatuses[0]?.state.running?.startedAt;
  return typeof since === 'string' ? new Date(since) : undefined;
}

const locationSchema = z.looseObject({
  spec: z.looseObject({ objectStorage: z.looseObject({ bucket: z.string(), prefix: z.string().default('') }) }),
  status: z.looseObject({ phase: z.string().default(''), message: z.string().default('') }).prefault({}),
});

export interface StorageLocation {
  readonly name: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly available: boolean;
  readonly message: string;
}

export function storageLocation(object: KubeObject): StorageLocation {
  const { spec, status } = locationSchema.parse(object);
  return {
    name: object.metadata.name,
    bucket: spec.objectStorage.bucket,
    prefix: spec.objectStorage.prefix,
    available: status.phase === 'Available',
    message: status.message,
  };
}

/** `errors` and `warnings` of a backup's or restore's results: by what they are about, each a list of words. */
const wordsSchema = z.looseObject({
  velero: z.array(z.string()).nullish(),
  cluster: z.array(z.string()).nullish(),
  namespaces: z.record(z.string(), z.array(z.string())).nullish(),
});
const resultsSchema = z.looseObject({ errors: wordsSchema.nullish(), warnings: wordsSchema.nullish() });

export function resultLines(text: string, which: 'errors' | 'warnings'): readonly string[] {
  const words = resultsSchema.parse(JSON.parse(text))[which];
  if (words === null || words === undefined) return [];
  return [
    ...(words.velero ?? []),
    ...(words.cluster ?? []),
    ...Object.entries(words.namespaces ?? {}).flatMap(([name, lines]) => lines.map((line) => `${name}: ${line}`)),
  ];
}

const scheduleSchema = z.looseObject({
  spec: z.looseObject({
    schedule: z.string(),
    paused: z.boolean().default(false),
    template: z
      .looseObject({ includedNamespaces: z.array(z.string()).nullish(), ttl: z.string().nullish() })
      .prefault({}),
  }),
  status: z
    .looseObject({ phase: z.string().default(''), lastBackup: moment, validationErrors: z.array(z.string()).nullish() })
    .prefault({}),
});

export interface VeleroSchedule {
  readonly name: string;
  readonly cron: string;
  readonly paused: boolean;
  readonly namespaces: readonly string[];
  readonly lastRun?: string;
  readonly troubles: readonly string[];
}

export function veleroSchedule(object: KubeObject): VeleroSchedule {
  const { spec, status } = scheduleSchema.parse(object);
  return {
    name: object.metadata.name,
    cron: spec.schedule,
    paused: spec.paused,
    namespaces: spec.template.includedNamespaces ?? [],
    ...(typeof status.lastBackup === 'string' && { lastRun: status.lastBackup }),
    troubles: status.validationErrors ?? [],
  };
}
