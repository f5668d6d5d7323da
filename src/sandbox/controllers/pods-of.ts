import type { Container, Deployment, Scene } from './controller.ts';

interface Secret {
  readonly data?: Readonly<Record<string, string>>;
}

/** Whether pods of this Deployment would be at work. */
export function isAtWork(deployment: Deployment | undefined): deployment is Deployment {
  return (
    deployment !== undefined && deployment.metadata.deletionTimestamp === undefined && deployment.spec.replicas !== 0
  );
}

/** The texts in a Secret. Throws KubeError when it is missing: a kubelet waits for it likewise. */
export async function readSecret(
  { client }: Scene,
  namespace: string,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const secret = await client.get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${name}`);
  const entries = Object.entries(secret.data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}

/** The variables that a container would see, as far as they are written down or come from Secrets. */
export async function environmentOf(
  scene: Scene,
  namespace: string,
  container: Container,
): Promise<Readonly<Record<string, string>>> {
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env ?? []) {
    const reference = valueFrom?.secretKeyRef;
    if (value !== undefined) env[name] = value;
    else if (reference !== undefined)
      env[name] = (await readSecret(scene, namespace, reference.name))[reference.key] ?? '';
  }
  return env;
}
