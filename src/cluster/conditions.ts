/** What `status` shows of a cluster: nodes, certificates, backups, each from the objects that say so. Pure. */
import { z } from 'zod';
import type { BackupsState, BackupState } from '../ports/cluster.ts';
import { veleroBackup, type VeleroBackup } from './velero.ts';
import type { KubeObject } from '../tools/kubectl.ts';

const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});
/** As Kubernetes says of most of its objects how they are. */
export const conditions = z.array(condition).default([]);

const statusSchema = z.looseObject({ status: z.looseObject({ conditions }).prefault({}) });

/** The condition of this type that holds now. */
export function holding(object: KubeObject, type: string, status: 'True' | 'False' = 'True') {
  return statusSchema.parse(object).status.conditions.find((one) => one.type === type && one.status === status);
}

const nodeSchema = z.looseObject({
  status: z
    .looseObject({
      conditions,
      nodeInfo: z.looseObject({ kubeletVersion: z.string().default('') }).prefault({}),
    })
    .prefault({}),
});

export interface NodesState {
  readonly ready: number;
  readonly total: number;
  /** Of the oldest kubelet, which is what the cluster can do. */
  readonly version: string;
}

export function nodesState(nodes: readonly KubeObject[]): NodesState {
  const parsed = nodes.map((node) => nodeSchema.parse(node).status);
  const ready = parsed.filter(({ conditions }) =>
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  const versions = parsed
    .map(({ nodeInfo }) => nodeInfo.kubeletVersion)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return { ready: ready.length, total: nodes.length, version: versions[0] ?? '' };
}

const certificateSchema = z.looseObject({
  spec: z.looseObject({ dnsNames: z.array(z.string()).default([]) }).prefault({}),
  status: z.looseObject({ notAfter: z.string().optional(), conditions }).prefault({}),
});

export interface CertificateState {
  readonly namespace: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly ready: boolean;
  /** Why not, in cert-manager's words. */
  readonly message: string;
  readonly expires?: string;
  readonly daysLeft?: number;
}

const dayMs = 24 * 3600 * 1000;

export function certificateState(certificate: KubeObject, now: Date): CertificateState {
  const { spec, status } = certificateSchema.parse(certificate);
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  return {
    namespace: certificate.metadata.namespace ?? '',
    name: certificate.metadata.name,
    hosts: spec.dnsNames,
    ready: ready?.status === 'True',
    message: ready?.status === 'True' ? '' : (ready?.message ?? 'not issued yet'),
    ...(status.notAfter === undefined
      ? {}
      : { expires: status.notAfter, daysLeft: Math.floor((Date.parse(status.notAfter) - now.getTime()) / dayMs) }),
  };
}

export function backupState({ name, phase, startedAt }: VeleroBackup, now: Date): BackupState {
  return { name, phase, startedAt, ageHours: Math.round((now.getTime() - Date.parse(startedAt)) / 360_000) / 10 };
}

/** Of one environment: another's may lie in the same place. */
export function backupsState(backups: readonly KubeObject[], of: string, now: Date): BackupsState {
  const all = backups
    .map(veleroBackup)
    .filter((backup) => backup.of === of)
    .map((backup) => backupState(backup, now))
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const good = all.find(({ phase }) => phase === 'Completed');
  return { ...(all[0] === undefined ? {} : { newest: all[0] }), ...(good === undefined ? {} : { newestGood: good }) };
}
