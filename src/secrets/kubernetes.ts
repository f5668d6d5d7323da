/** The Kubernetes Secrets of an environment, with their values. */
import { Secret } from '../model/secret.ts';
import type { KubernetesSecret } from '../model/blueprint.ts';
import type { SecretReader } from './reader.ts';

/** Each key's text, put together from its parts. Throws UserError when a secret has no value. */
export async function resolveData(
  secret: KubernetesSecret,
  reader: SecretReader,
): Promise<ReadonlyMap<string, Secret>> {
  const data = new Map<string, Secret>();
  for (const [key, parts] of Object.entries(secret.data)) {
    const texts: string[] = [];
    for (const part of parts) texts.push('text' in part ? part.text : (await reader.get(part.secret)).reveal());
    data.set(key, new Secret(texts.join('')));
  }
  return data;
}
