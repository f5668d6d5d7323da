/** Whether what came back is what was backed up. Pure. */
import { z } from 'zod';
import type { DumpedDatabase } from './manifest.ts';

/** What the restore's scripts counted, one line of JSON for each database. */
const countedSchema = z.looseObject({
  name: z.string(),
  tables: z.record(z.string(), z.number()),
  largeObjects: z.number().optional(),
});
export type Counted = z.infer<typeof countedSchema>;

/** Lines of a pod's log that are not a count are its talk. */
export function readCounts(log: string): readonly Counted[] {
  return log.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      const read = countedSchema.safeParse(JSON.parse(line));
      return read.success ? [read.data] : [];
    } catch {
      return [];
    }
  });
}

export interface DatabaseCheck {
  readonly database: string;
  readonly tables: number;
  readonly rows: number;
  /** Lines for people: what is missing, and what is there too much. Empty: all of it is as it was. */
  readonly differences: readonly string[];
}

export function checkDatabase(wanted: DumpedDatabase, found: Counted | undefined): DatabaseCheck {
  const tables = Object.entries(wanted.tables);
  const base = { database: wanted.name, tables: tables.length, rows: tables.reduce((sum, [, rows]) => sum + rows, 0) };
  if (found === undefined) return { ...base, differences: ['it was not restored'] };
  const names = [...new Set([...Object.keys(wanted.tables), ...Object.keys(found.tables)])].sort();
  const differences = names.flatMap((name) => {
    const [was, is] = [wanted.tables[name], found.tables[name]];
    if (was === is) return [];
    if (was === undefined) return [`${name} is not in the backup`];
    return [is === undefined ? `${name} is missing` : `${name} has ${is} rows, and had ${was}`];
  });
  const [wasLarge, isLarge] = [wanted.largeObjects ?? 0, found.largeObjects ?? 0];
  if (wasLarge !== isLarge) differences.push(`${isLarge} large objects, and there were ${wasLarge}`);
  return { ...base, differences };
}

/** `apps/v1/Deployment` → `namespace/name` of each, as Velero lists what it backed up. */
export type ResourceList = Readonly<Record<string, readonly string[]>>;

/** Made by controllers from what is restored, under names of their own, or gone by nature. */
const ephemeral = new Set([
  'v1/Pod',
  'v1/Event',
  'events.k8s.io/v1/Event',
  'v1/Endpoints',
  'discovery.k8s.io/v1/EndpointSlice',
  'apps/v1/ReplicaSet',
  'apps/v1/ControllerRevision',
  'batch/v1/Job',
  'coordination.k8s.io/v1/Lease',
  'v1/PersistentVolume',
  'v1/Node',
  'velero.io/v1/Backup',
  'cilium.io/v2/CiliumEndpoint',
]);

export interface WantedObject {
  /** `apps/v1/Deployment` */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What must be there after a restore of these namespaces; each may have another name now. */
export function wantedObjects(
  list: ResourceList,
  namespaces: ReadonlyMap<string, string>,
  leftOut: ReadonlySet<string> = new Set(),
): readonly WantedObject[] {
  return Object.entries(list)
    .filter(([kind]) => !ephemeral.has(kind) && !leftOut.has(kind))
    .flatMap(([kind, names]) =>
      names.flatMap((full): WantedObject[] => {
        const [namespace, name] = full.split('/');
        const target = namespaces.get(namespace ?? '');
        return name === undefined || target === undefined ? [] : [{ kind, namespace: target, name }];
      }),
    );
}
