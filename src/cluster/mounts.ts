/** Which pod mounts which claim. */
import { z } from 'zod';
import type { KubeObject } from '../tools/kubectl.ts';

const podSchema = z.looseObject({
  spec: z
    .looseObject({
      volumes: z
        .array(z.looseObject({ persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional() }))
        .default([]),
    })
    .prefault({}),
});

/** Whether the pod asks for the claim, running or not. */
export function mounts(pod: KubeObject, claim: KubeObject): boolean {
  return (
    pod.metadata.namespace === claim.metadata.namespace &&
    podSchema.parse(pod).spec.volumes.some((volume) => volume.persistentVolumeClaim?.claimName === claim.metadata.name)
  );
}
