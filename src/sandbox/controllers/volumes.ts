import { Informer } from '../kubernetes/informer.ts';
import { keyOf, type KubeObject } from '../kubernetes/objects.ts';
import { Reconciler } from '../kubernetes/reconciler.ts';
import type { Controller, Scene } from './controller.ts';
import { dropFinalizer } from './finalizers.ts';
import { gibibytesOf } from './quantity.ts';

/** Where the disks come from. Ids are what a PersistentVolume keeps as its handle. */
export interface Disks {
  /** Idempotent by name; returns the id. */
  ensure(name: string, gibibytes: number, description: string): string;
  resize(id: string, gibibytes: number): void;
  remove(id: string): void;
  /** How a PersistentVolume names it: `{ csi: … }`, `{ hostPath: … }`. */
  source(id: string, fileSystem: string): object;
}

export interface VolumesOptions {
  readonly disks: Disks;
  /** Of the storage classes that are served. */
  readonly provisioner: string;
}

interface StorageClass extends KubeObject {
  readonly provisioner: string;
  readonly reclaimPolicy?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly mountOptions?: readonly string[];
}

interface Claim extends KubeObject {
  readonly spec: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly accessModes?: readonly string[];
    readonly resources: { readonly requests: { readonly storage: string } };
  };
  readonly status?: { readonly phase?: string; readonly capacity?: { readonly storage?: string } };
}

interface Volume extends KubeObject {
  readonly spec: {
    readonly persistentVolumeReclaimPolicy?: string;
    readonly capacity: { readonly storage: string };
    readonly csi?: { readonly volumeHandle: string };
    readonly local?: { readonly path: string };
  };
  readonly status?: { readonly phase?: string };
}

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';

/** Plays the storage driver: a claim gets a disk and its PersistentVolume, grows with its claim, and goes as the reclaim policy says. */
export function startVolumes(scene: Scene, { disks, provisioner }: VolumesOptions): Controller {
  const { client, report } = scene;
  const classes = new Informer<StorageClass>(client, { path: '/apis/storage.k8s.io/v1/storageclasses' });
  const claims = new Informer<Claim>(client, { path: '/api/v1/persistentvolumeclaims' });
  const volumes = new Informer<Volume>(client, { path: '/api/v1/persistentvolumes' });

  const isOurs = (volume: Volume): boolean => volume.metadata.annotations?.[PROVISIONED_BY] === provisioner;

  const claimReconciler = new Reconciler(async (key) => {
    const claim = claims.get(key);
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
    if (claim.spec.volumeName !== undefined) return grow(claim);
    const storage = classes.get(claim.spec.storageClassName ?? '');
    if (storage?.provisioner !== provisioner) return;
    await provision(claim, storage);
  }, report);

  const volumeReconciler = new Reconciler(async (key) => {
    const volume = volumes.get(key);
    if (volume === undefined || !isOurs(volume)) return;
    const deleted = volume.metadata.deletionTimestamp !== undefined;
    const free = volume.status?.phase !== 'Bound';
    const goes = volume.spec.persistentVolumeReclaimPolicy === 'Delete';
    const unclaimed = volume.status?.phase === 'Released' || volume.status?.phase === 'Failed';
    if (goes && free && (deleted || unclaimed)) disks.remove(idOf(volume));
    if (goes && unclaimed && !deleted) return client.remove(volumePath(key));
    // With the policy Retain the disk stays in the cloud when its PersistentVolume goes: that is what it is for.
    if (deleted && free) await dropFinalizer(client, volumePath(key), volume, FINALIZER);
  }, report);

  async function provision(claim: Claim, storage: StorageClass): Promise<void> {
    const { name, namespace = '', uid } = claim.metadata;
    const gibibytes = gibibytesOf(claim.spec.resources.requests.storage);
    const volumeName = `pvc-${uid}`;
    const id = disks.ensure(volumeName, gibibytes, `Created for ${namespace}/${name}`);
    await client.ensure('/api/v1/persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: volumeName,
        annotations: { [PROVISIONED_BY]: provisioner },
        finalizers: [FINALIZER],
      },
      spec: {
        capacity: { storage: `${String(gibibytes)}Gi` },
        accessModes: claim.spec.accessModes ?? ['ReadWriteOnce'],
        volumeMode: claim.spec.volumeMode ?? 'Filesystem',
        persistentVolumeReclaimPolicy: storage.reclaimPolicy ?? 'Delete',
        storageClassName: storage.metadata.name,
        ...(storage.mountOptions === undefined ? {} : { mountOptions: storage.mountOptions }),
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
        ...disks.source(id, storage.parameters?.['csi.storage.k8s.io/fstype'] ?? 'ext4'),
      },
    });
  }

  async function grow(claim: Claim): Promise<void> {
    const volume = volumes.get(claim.spec.volumeName ?? '');
    const present = claim.status?.capacity?.storage;
    if (volume === undefined || !isOurs(volume) || present === undefined) return;
    const wanted = gibibytesOf(claim.spec.resources.requests.storage);
    if (wanted <= gibibytesOf(present)) return;
    const capacity = { storage: `${String(wanted)}Gi` };
    disks.resize(idOf(volume), wanted);
    await client.patch(volumePath(volume.metadata.name), 'merge', { spec: { capacity } });
    const { namespace = '', name } = claim.metadata;
    const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}/status`;
    await client.patch(path, 'merge', { status: { capacity, conditions: null } });
  }

  const stops = [
    claims.onChange((key) => claimReconciler.enqueue(key)),
    volumes.onChange((key) => volumeReconciler.enqueue(key)),
    // A claim may come before its class, or before its volume was seen.
    classes.onChange(() => claims.all().forEach((claim) => claimReconciler.enqueue(keyOf(claim)))),
  ];
  for (const informer of [classes, claims, volumes]) informer.start();
  return {
    stop() {
      for (const stop of stops) stop();
      for (const informer of [classes, claims, volumes]) informer.stop();
      claimReconciler.stop();
      volumeReconciler.stop();
    },
  };
}

/** A folder carries the id of its disk as its name; a disk without a driver has no id but the volume's name. */
function idOf({ spec, metadata }: Volume): string {
  return spec.csi?.volumeHandle ?? spec.local?.path.split('/').at(-1) ?? metadata.name;
}

function volumePath(name: string): string {
  return `/api/v1/persistentvolumes/${name}`;
}
