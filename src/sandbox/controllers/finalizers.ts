import type { KubeClient } from '../kubernetes/client.ts';
import type { KubeObject } from '../kubernetes/objects.ts';

/** Keeps a deleted object until our side of it is gone. */
export async function addFinalizer(client: KubeClient, path: string, object: KubeObject, name: string): Promise<void> {
  const present = object.metadata.finalizers ?? [];
  if (!present.includes(name)) await replace(client, path, object, [...present, name]);
}

export async function dropFinalizer(client: KubeClient, path: string, object: KubeObject, name: string): Promise<void> {
  const present = object.metadata.finalizers ?? [];
  if (!present.includes(name)) return;
  await replace(
    client,
    path,
    object,
    present.filter((one) => one !== name),
  );
}

/** The resource version makes the API server refuse when somebody else changed the list meanwhile. */
async function replace(
  client: KubeClient,
  path: string,
  object: KubeObject,
  finalizers: readonly string[],
): Promise<void> {
  const { resourceVersion } = object.metadata;
  await client.patch(path, 'merge', { metadata: { finalizers, resourceVersion } });
}
