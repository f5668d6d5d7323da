import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Disks } from '../controllers/volumes.ts';
import { CLUSTER_INSIDE } from './inside-options.ts';

const VOLUMES = 'volumes';

/** The cloud's disks with bytes behind them: a folder each, which every node of the cluster sees. */
export function realDisks(cloud: Disks, clusterFolder: string): Disks {
  const folderOf = (id: string): string => join(clusterFolder, VOLUMES, id);
  return {
    ensure: (name, gibibytes, description) => {
      const id = cloud.ensure(name, gibibytes, description);
      // A disk's file system has this folder at its top, and some programs refuse to start in a folder that is not empty.
      mkdirSync(join(folderOf(id), 'lost+found'), { recursive: true, mode: 0o700 });
      return id;
    },
    resize: (id, gibibytes) => cloud.resize(id, gibibytes),
    remove: (id) => {
      cloud.remove(id);
      rmSync(folderOf(id), { recursive: true, force: true });
    },
    source: (id) => ({
      // Of this kind, because the kubelet then gives it to the pod's group, as it does with a disk.
      local: { path: `${CLUSTER_INSIDE}/${VOLUMES}/${id}` },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] }],
        },
      },
    }),
  };
}
