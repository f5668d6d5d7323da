import type { KubeClient } from './client.ts';

export const DIGITALOCEAN_STORAGE = 'dobs.csi.digitalocean.com';
export const LOCAL_STORAGE = 'k8s.io/minikube-hostpath';
const LOCAL_INGRESS_CLASS = 'nginx';
/** Whoever asks the cloud for a kubeconfig becomes this account. */
export const ADMIN_ACCOUNT = { namespace: 'kube-system', name: 'ffops-sandbox-admin' };

interface ClassOptions {
  readonly isDefault?: boolean;
  readonly keep?: boolean;
  readonly xfs?: boolean;
}

/** What a new DOKS cluster has: an account that administers it, and the storage classes. Does nothing the second time. */
export async function furnishDigitalOcean(client: KubeClient): Promise<void> {
  const name = 'do-block-storage';
  await Promise.all([
    administrator(client),
    storageClass(client, name, DIGITALOCEAN_STORAGE, { isDefault: true }),
    storageClass(client, `${name}-retain`, DIGITALOCEAN_STORAGE, { keep: true }),
    storageClass(client, `${name}-xfs`, DIGITALOCEAN_STORAGE, { xfs: true }),
    storageClass(client, `${name}-xfs-retain`, DIGITALOCEAN_STORAGE, { xfs: true, keep: true }),
  ]);
}

/** As volumes of DOKS have it. On real nodes they are folders, and whoever reads that there is a driver looks elsewhere for them. */
export function announceDriver(client: KubeClient): Promise<unknown> {
  return client.ensure('/apis/storage.k8s.io/v1/csidrivers', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: DIGITALOCEAN_STORAGE },
    // Nothing is attached anywhere: kwok's pods do not read their disks.
    spec: { attachRequired: false, podInfoOnMount: true },
  });
}

/** What minikube has, with its ingress and storage addons on. */
export async function furnishLocal(client: KubeClient): Promise<void> {
  await Promise.all([
    administrator(client),
    storageClass(client, 'standard', LOCAL_STORAGE, { isDefault: true }),
    client.ensure('/apis/networking.k8s.io/v1/ingressclasses', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: LOCAL_INGRESS_CLASS, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'k8s.io/ingress-nginx' },
    }),
  ]);
}

async function storageClass(
  client: KubeClient,
  name: string,
  provisioner: string,
  options: ClassOptions,
): Promise<void> {
  await client.ensure('/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name,
      ...(options.isDefault ? { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } : {}),
    },
    provisioner,
    ...(options.xfs ? { parameters: { 'csi.storage.k8s.io/fstype': 'xfs' } } : {}),
    reclaimPolicy: options.keep ? 'Retain' : 'Delete',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
  });
}

async function administrator(client: KubeClient): Promise<void> {
  const { namespace, name } = ADMIN_ACCOUNT;
  await client.ensure(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name },
  });
  await client.ensure('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  });
}
