/** Which objects a Helm release installed. */
import type { Release } from '../model/blueprint.ts';
import type { KubeObject } from '../tools/kubectl.ts';
import { helmReleaseAnnotation } from './names.ts';

export function belongsTo(release: Pick<Release, 'name' | 'namespace'>, object: KubeObject): boolean {
  return (
    object.metadata.annotations[helmReleaseAnnotation] === release.name &&
    object.metadata.namespace === release.namespace
  );
}
